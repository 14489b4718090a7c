package io.caravan.server;

import static io.caravan.server.TestServer.chat;
import static io.caravan.server.TestServer.embedding;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnexpectedStatusCodeException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.batches.BatchError;
import com.openai.models.batches.BatchListParams;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.Json;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchesApiTest {
  @TempDir private static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void completes() throws Exception {
    Batch created =
        server.create(Endpoint.EMBEDDINGS, embedding("a", "red"), embedding("b", "blue"));
    assertThat(created.validate().status()).isEqualTo(Batch.Status.VALIDATING);

    Batch batch = server.awaitEnd(created);

    assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
    assertThat(batch.model()).contains("all-MiniLM-L6-v2");
    assertThat(batch.requestCounts().orElseThrow())
        .satisfies(counts -> {
          assertThat(counts.total()).isEqualTo(2);
          assertThat(counts.completed()).isEqualTo(2);
          assertThat(counts.failed()).isZero();
        });
    assertThat(batch.usage().orElseThrow().totalTokens()).isPositive();
    assertThat(batch.inProgressAt()).isPresent();
    assertThat(batch.finalizingAt()).isPresent();
    assertThat(batch.completedAt()).isPresent();
    assertThat(batch.expiresAt()).hasValue(batch.createdAt() + 86_400);
    List<JsonNode> lines = server.lines(batch.outputFileId());
    assertThat(lines)
        .extracting(line -> line.path("custom_id").asText())
        .containsExactlyInAnyOrder("a", "b");
    assertThat(lines)
        .allSatisfy(line -> {
          assertThat(line.path("id").asText()).startsWith("batch_req_");
          assertThat(line.at("/response/status_code").asInt()).isEqualTo(200);
          assertThat(line.at("/response/request_id").asText()).isNotEmpty();
          assertThat(line.get("error").isNull()).isTrue();
        });
    assertThat(server.client().files().retrieve(batch.outputFileId().orElseThrow()).filename())
        .isEqualTo(batch.id() + "_output.jsonl");
    assertThat(directory.resolve("batches").resolve(batch.id())).doesNotExist();
  }

  @Test
  void hasTheOfficialShapeWithExplicitNulls() throws Exception {
    Batch batch = server.run(Endpoint.EMBEDDINGS, embedding("a", "red"));

    JsonNode json = TestServer.json(server.get("/v1/batches/" + batch.id()).body());

    assertThat(json.properties().stream().filter(e -> e.getValue().isNull()).map(e -> e.getKey()))
        .containsExactlyInAnyOrder(
            "errors",
            "error_file_id",
            "failed_at",
            "expired_at",
            "cancelling_at",
            "cancelled_at",
            "metadata");
    assertThat(json.at("/usage/input_tokens_details/cached_tokens").isInt()).isTrue();
    assertThat(json.at("/usage/output_tokens_details/reasoning_tokens").isInt()).isTrue();
    assertThat(json.path("object").asText()).isEqualTo("batch");
    assertThat(json.path("completion_window").asText()).isEqualTo("24h");
  }

  @Test
  void everyAnswerHasTheOfficialShape() throws Exception {
    Batch created = server.create(Endpoint.EMBEDDINGS, embedding("a", "red"));
    OpenAiShapes.check("Batch", json("/v1/batches/" + created.id()));
    server.awaitEnd(created);
    Batch failed = server.run(Endpoint.EMBEDDINGS, "x");

    OpenAiShapes.check("Batch", json("/v1/batches/" + created.id()));
    OpenAiShapes.check("Batch", json("/v1/batches/" + failed.id()));
    OpenAiShapes.check("ListBatchesResponse", json("/v1/batches?limit=1"));
  }

  private static JsonNode json(String path) throws Exception {
    return TestServer.json(server.get(path).body());
  }

  @Test
  void endsCompletedWithoutOutputFileWhenEveryRequestFails() {
    Batch batch = server.run(Endpoint.CHAT_COMPLETIONS, chat("a"), chat("b"));

    assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
    assertThat(batch.outputFileId()).isEmpty();
    assertThat(batch.requestCounts().orElseThrow().failed()).isEqualTo(2);
    assertThat(server.lines(batch.errorFileId()))
        .hasSize(2)
        .allSatisfy(line -> {
          assertThat(line.at("/response/status_code").asInt()).isEqualTo(404);
          assertThat(line.at("/response/body/error/code").asText()).isEqualTo("upstream_missing");
          assertThat(line.at("/response/body/error/message").asText())
              .contains("CARAVAN_UPSTREAM_URL");
          assertThat(line.get("error").isNull()).isTrue();
        });
  }

  @Test
  void reportsEveryBadLine() {
    Batch batch =
        server.run(
            Endpoint.CHAT_COMPLETIONS,
            chat("a"),
            "not json",
            "[1]",
            "",
            "{\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[]}}",
            chat("a"),
            chat("b").replace("\"/v1/chat", "\"/v2/chat"),
            chat("c").replace("\"messages\"", "\"prompts\""),
            chat("d").replace("\"model\":\"m\"", "\"model\":\"m\",\"stream\":true"),
            chat("e").replace("\"model\":\"m\"", "\"model\":\"other\""),
            "{\"custom_id\":\"f\"}");

    assertThat(batch.status()).isEqualTo(Batch.Status.FAILED);
    assertThat(batch.failedAt()).isPresent();
    assertThat(batch.errors().orElseThrow().data().orElseThrow())
        .extracting(e -> e.code().orElse(""), BatchError::line, e -> e.param().orElse(""))
        .containsExactly(
            tuple("invalid_json_line", Optional.of(2L), ""),
            tuple("invalid_json_line", Optional.of(3L), ""),
            tuple("missing_required_parameter", Optional.of(5L), "custom_id"),
            tuple("duplicate_custom_id", Optional.of(6L), "custom_id"),
            tuple("invalid_url", Optional.of(7L), "url"),
            tuple("invalid_request", Optional.of(8L), "body.messages"),
            tuple("streaming_unsupported", Optional.of(9L), "body.stream"),
            tuple("mismatched_model", Optional.of(10L), "body.model"),
            tuple("missing_required_parameter", Optional.of(11L), "method"),
            tuple("missing_required_parameter", Optional.of(11L), "url"),
            tuple("missing_required_parameter", Optional.of(11L), "body"));
  }

  @Test
  void refusesABatchOfAMissingFile() throws Exception {
    String deleted = server.upload("input.jsonl", embedding("a", "red")).id();
    server.client().files().delete(deleted);

    for (String id : List.of("file-0123", deleted)) {
      assertThatExceptionOfType(BadRequestException.class)
          .isThrownBy(() -> server.client().batches().create(params(id).build()))
          .satisfies(e -> assertThat(e.param()).contains("input_file_id"))
          .withMessageContaining("No such File object: " + id);
    }
  }

  /** Such names cannot be stored, so the batch could not even fail. */
  @Test
  void failsOnNamesWithHalfASurrogatePair() {
    Batch batch =
        server.run(
            Endpoint.CHAT_COMPLETIONS,
            chat("a\\ud83d"),
            chat("b").replace("\"m\"", "\"\\ud83d\""),
            chat("c").replace("\"m\"", "{}"));

    assertThat(batch.status()).isEqualTo(Batch.Status.FAILED);
    assertThat(batch.errors().orElseThrow().data().orElseThrow())
        .extracting(BatchError::line, e -> e.param().orElse(""))
        .containsExactly(
            tuple(Optional.of(1L), "custom_id"),
            tuple(Optional.of(2L), "body.model"),
            tuple(Optional.of(3L), "body.model"));
  }

  @Test
  void reportsAtMostAHundredProblems() {
    String[] lines = IntStream.range(0, 500).mapToObj(i -> "x").toArray(String[]::new);

    assertThat(server.run(Endpoint.EMBEDDINGS, lines).errors().orElseThrow().data().orElseThrow())
        .hasSize(100);
  }

  @Test
  void refusesTooManyRequests() {
    String[] lines =
        IntStream.range(0, 1001).mapToObj(i -> embedding("r" + i, "x")).toArray(String[]::new);

    assertThat(server.run(Endpoint.EMBEDDINGS, lines).errors().orElseThrow().data().orElseThrow())
        .extracting(e -> e.code().orElse(""))
        .containsExactly("too_many_requests");
  }

  @Test
  void outlivesTheDeletionOfItsInput() {
    Batch batch = server.create(Endpoint.EMBEDDINGS, embedding("a", "red"));

    server.client().files().delete(batch.inputFileId());

    assertThat(server.awaitEnd(batch).status()).isEqualTo(Batch.Status.COMPLETED);
  }

  @Test
  void listsNewestFirstPageByPage() {
    List<String> ids =
        IntStream.range(0, 3).mapToObj(i -> server.create(Endpoint.EMBEDDINGS, "x").id()).toList();

    var first = server.client().batches().list(BatchListParams.builder().limit(2).build());

    assertThat(first.data()).extracting(Batch::id).containsExactly(ids.get(2), ids.get(1));
    assertThat(first.hasMore()).contains(true);
    assertThat(first.nextPage().data()).extracting(Batch::id).startsWith(ids.getFirst());
  }

  @Test
  void keepsMetadata() throws Exception {
    var metadata =
        BatchCreateParams.Metadata.builder()
            .putAdditionalProperty("job", JsonValue.from("nightly"))
            .build();

    String file = server.upload("input.jsonl", embedding("a", "red")).id();
    Batch batch = server.client().batches().create(params(file).metadata(metadata).build());

    assertThat(TestServer.json(server.get("/v1/batches/" + batch.id()).body()).at("/metadata/job"))
        .hasToString("\"nightly\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\"}|input_file_id|missing_required_parameter",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"metadata\":{\"a\":\"\\ud83d\"}}||",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":18446744073709555216}}|output_expires_after.seconds|invalid_value",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/cats\",\"completion_window\":\"24h\"}|endpoint|invalid_value",
        "{\"input_file_id\":\"f\",\"endpoint\":7,\"completion_window\":\"24h\"}|endpoint|invalid_type",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"1h\"}|completion_window|invalid_value",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"metadata\":{\"a\":1}}|metadata.a|invalid_type",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"metadata\":[]}|metadata|invalid_type",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\"}|completion_window|missing_required_parameter",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"output_expires_after\":3600}|output_expires_after|invalid_type",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"output_expires_after\":{\"anchor\":\"created_at\"}}|output_expires_after.seconds|missing_required_parameter",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":\"3600\"}}|output_expires_after.seconds|invalid_type",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":3599}}|output_expires_after.seconds|invalid_value",
        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"24h\",\"output_expires_after\":{\"anchor\":\"now\",\"seconds\":3600}}|output_expires_after.anchor|invalid_value",
      })
  void refusesInvalidBatches(String body, @Nullable String param, @Nullable String code)
      throws Exception {
    var response = server.post("/v1/batches", body);

    JsonNode error = TestServer.json(response.body()).path("error");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.path("param").textValue()).isEqualTo(param);
    assertThat(error.path("code").textValue()).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource({"17,1,1", "1,65,1", "1,1,513"})
  void refusesTooMuchMetadata(int pairs, int keyLength, int valueLength) throws Exception {
    var metadata = Json.MAPPER.createObjectNode();
    for (int i = 0; i < pairs; i++) {
      metadata.put(
          "abcdefghijklmnopq".charAt(i) + "k".repeat(keyLength - 1), "v".repeat(valueLength));
    }
    var body =
        Json.MAPPER
            .createObjectNode()
            .put("input_file_id", "f")
            .put("endpoint", "/v1/embeddings")
            .put("completion_window", "24h")
            .set("metadata", metadata);

    assertThat(server.post("/v1/batches", body.toString()).statusCode()).isEqualTo(400);
  }

  @Test
  void refusesToCancelEndedBatches() {
    Batch batch = server.run(Endpoint.EMBEDDINGS, embedding("a", "red"));

    assertThatExceptionOfType(UnexpectedStatusCodeException.class)
        .isThrownBy(() -> server.client().batches().cancel(batch.id()))
        .satisfies(e -> assertThat(e.statusCode()).isEqualTo(409))
        .withMessageContaining("Cannot cancel a batch with status 'completed'");
  }

  @Test
  void answers404ForUnknownBatches() {
    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(() -> server.client().batches().retrieve("batch_..x"));
    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(() -> server.client().batches().cancel(IdKind.BATCH.next()));
  }

  @Test
  void countsRequests() {
    server.run(Endpoint.EMBEDDINGS, embedding("a", "red"));

    MeterRegistry meters = server.bean(MeterRegistry.class);
    assertThat(
            meters
                .get("caravan.server.requests")
                .tags("endpoint", "/v1/embeddings", "outcome", "succeeded")
                .counter()
                .count())
        .isPositive();
    assertThat(meters.get("caravan.server.inflight").gauge().value()).isZero();
  }

  private static BatchCreateParams.Builder params(String inputFileId) {
    return BatchCreateParams.builder()
        .inputFileId(inputFileId)
        .endpoint(BatchCreateParams.Endpoint.V1_EMBEDDINGS)
        .completionWindow(BatchCreateParams.CompletionWindow._24H);
  }
}
