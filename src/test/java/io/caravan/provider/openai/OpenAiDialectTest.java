package io.caravan.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.job.Batch;
import io.caravan.job.BatchError;
import io.caravan.job.BatchStatus;
import io.caravan.job.Part;
import io.caravan.job.RequestCounts;
import io.caravan.job.Rows;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Quirks;
import io.caravan.provider.RemotePage;
import io.caravan.provider.RetryableProviderException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests with recorded answers of OpenAI, and answers reported for compatible servers. */
class OpenAiDialectTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Part PART =
      Rows.part(Rows.job("a"), 1)
          .with(b ->
              b.submission(b.submission().withInputFileId("file-1")).size(b.size().withBytes(470)));

  @Test
  void readsTheIdOfAnUploadedFile() {
    assertThat(OpenAiDialect.readFileId(recorded("file-uploaded")))
        .isEqualTo("file-Lv7qQn9qpwaUyW7YmuAKyn");
  }

  @ParameterizedTest
  @CsvSource({
    "validating, VALIDATING, 0, 0, 0",
    "in_progress, IN_PROGRESS, 3, 0, 0",
    "finalizing, FINALIZING, 3, 3, 0",
    "completed, COMPLETED, 3, 3, 0",
    "completed-with-failures, COMPLETED, 3, 2, 1",
    "cancelling, CANCELLING, 0, 0, 0"
  })
  void readsRecordedBatches(String name, BatchStatus status, long total, long done, long failed) {
    Batch batch = OpenAiDialect.readBatch(recorded("batch-" + name));

    assertThat(batch.id()).startsWith("batch_67");
    assertThat(batch.status()).isEqualTo(status);
    assertThat(batch.counts()).isEqualTo(new RequestCounts(total, done, failed));
    assertThat(batch.inputFileId()).startsWith("file-");
    assertThat(batch.outputFileId() != null).isEqualTo(status == BatchStatus.COMPLETED);
    assertThat(batch.errorFileId()).isNull();
    assertThat(batch.errors()).isEmpty();
    assertThat(batch.metadata()).containsOnlyKeys("request_file");
  }

  @ParameterizedTest
  @EnumSource
  void readsEveryStatus(BatchStatus status) {
    ObjectNode batch = recorded("batch-completed").put("status", status.word());
    assertThat(OpenAiDialect.readBatch(batch).status()).isEqualTo(status);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "paused"})
  void retriesUnknownStatus(@Nullable String status) {
    ObjectNode batch = recorded("batch-completed").put("status", status);
    assertThat(OpenAiDialect.readBatch(batch).status()).isEqualTo(BatchStatus.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'id': 'b'}",
        "{'id': 'b', 'status': null, 'input_file_id': null, 'output_file_id': null,"
            + " 'error_file_id': null, 'request_counts': null, 'errors': null, 'metadata': null}",
        "{'id': 'b', 'status': '', 'input_file_id': '', 'output_file_id': '', 'error_file_id': ' ',"
            + " 'request_counts': '', 'errors': '', 'metadata': ''}",
        "{'id': 'b', 'request_counts': {}, 'errors': {}, 'metadata': {}}",
        "{'id': 'b', 'request_counts': {'total': null, 'completed': null, 'failed': null},"
            + " 'errors': {'data': null}}",
        "{'id': 'b', 'request_counts': [], 'errors': [], 'metadata': []}"
      })
  void treatsAbsentNullAndEmptyAlike(String batch) {
    assertThat(OpenAiDialect.readBatch(json(batch)))
        .isEqualTo(
            new Batch(
                "b",
                BatchStatus.UNKNOWN,
                null,
                null,
                null,
                RequestCounts.NONE,
                List.of(),
                Map.of()));
  }

  @Test
  void readsTheErrorsOfAFailedBatch() {
    JsonNode failed =
        json(
            """
            {'id': 'b', 'status': 'failed', 'errors': {'object': 'list', 'data': [
              {'code': 'invalid_url', 'message': 'differs', 'param': 'url', 'line': 2},
              {'code': 'token_limit_exceeded', 'message': 'queue', 'param': null, 'line': null},
              {'message': 'bare'},
              {'code': '', 'message': '', 'param': '', 'line': ''},
              {'code': null, 'message': null}]}}
            """);

    assertThat(OpenAiDialect.readBatch(failed).errors())
        .containsExactly(
            new BatchError("invalid_url", "differs", "url", 2L),
            new BatchError("token_limit_exceeded", "queue", null, null),
            new BatchError(null, "bare", null, null),
            new BatchError(null, "no message", null, null),
            new BatchError(null, "no message", null, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[{'message': 'too big'}]", "'too big'", "{'data': [{'message': 'too big'}]}"})
  void readsErrorsInAnyWrapping(String errors) {
    assertThat(OpenAiDialect.readBatch(json("{'id': 'b', 'errors': " + errors + "}")).errors())
        .containsExactly(new BatchError(null, "too big", null, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "..", "."})
  void dropsBlankIds(String id) {
    ObjectNode batch =
        recorded("batch-completed").put("output_file_id", id).put("error_file_id", id);

    assertThat(OpenAiDialect.readBatch(batch).outputFileId()).isNull();
    assertThat(OpenAiDialect.readBatch(batch).errorFileId()).isNull();
    assertThatThrownBy(() -> OpenAiDialect.readBatch(batch.put("id", id)))
        .isInstanceOf(RetryableProviderException.class);
    assertThatThrownBy(() -> OpenAiDialect.readFileId(recorded("file").put("id", id)))
        .isInstanceOf(RetryableProviderException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "batch_6780bb2f8f6c8190a6c0abfb8502bba6",
        "file-GykDwPni5UjeQEo2wkgrh7",
        "a0c6ff45-1a3c-4a8e-b6a3-0a1c9f7e2b11",
        "files:2026.03.01",
        "7",
        "gs://bucket/path",
        "../x",
        "a?b c#d%2fe\\f\nä"
      })
  void keepsIdsUnchanged(String id) {
    assertThat(OpenAiDialect.readBatch(recorded("batch-completed").put("id", id)).id())
        .isEqualTo(id);
    assertThat(OpenAiDialect.readFileId(recorded("file").put("id", id))).isEqualTo(id);
  }

  @Test
  void encodesIdsForPaths() {
    assertThat(PathSegment.of("file-aZ_0.9~")).isEqualTo("file-aZ_0.9~");
    assertThat(PathSegment.of("gs://b/a b*?#%2f+ä"))
        .isEqualTo("gs%3A%2F%2Fb%2Fa%20b%2A%3F%23%252f%2B%C3%A4");
  }

  @Test
  void requestsNextPageByLastId() {
    assertThat(page("{'data': [{'id': 'a'}, {'id': 'b'}], 'last_id': 'x', 'has_more': true}"))
        .isEqualTo("x");
    assertThat(page("{'data': [{'id': 'a'}, {'id': 'b'}], 'has_more': true}")).isEqualTo("b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'data': [{'id': 'a'}], 'last_id': 'a', 'has_more': false}",
        "{'data': [{'id': 'a'}], 'last_id': 'a'}",
        "{'data': [], 'last_id': null, 'has_more': true}",
        "{'data': null}",
        "[{'id': 'a'}]",
        "[]",
        "{}"
      })
  void detectsTheLastPage(String list) {
    assertThat(page(list)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"'..'", "''", "null"})
  void failsWhenTheNextPageCannotBeRequested(String id) {
    assertThatThrownBy(
            () -> page("{'data': [{'id': %s}], 'last_id': %s, 'has_more': true}".formatted(id, id)))
        .isInstanceOf(RetryableProviderException.class);
  }

  @Test
  void findsFileByNameAndSize() {
    var page =
        OpenAiDialect.readPage(
            json(
                """
                {'data': [
                  {'id': 'other-name', 'filename': 'upload', 'bytes': 470},
                  {'id': 'broken-off', 'filename': 'caravan-a-1.jsonl', 'bytes': 469},
                  {'id': 'without-name', 'bytes': 470},
                  {'id': 'it', 'filename': 'caravan-a-1.jsonl', 'bytes': 470}]}
                """));

    assertThat(OpenAiDialect.findFile(page, PART)).contains("it");
    assertThat(OpenAiDialect.findFile(page, PART.withSize(PART.size().withBytes(1)))).isEmpty();
  }

  @Test
  void findsBatchByKey() {
    ObjectNode batch = recorded("batch-in_progress");
    batch.putObject("metadata").put("caravan_part", "caravan-a-1");
    var page =
        new RemotePage(
            List.of(recorded("batch-completed"), json("{'id': 'x', 'metadata': null}"), batch),
            null);

    assertThat(OpenAiDialect.findBatch(page, PART, Quirks.NONE))
        .contains(OpenAiDialect.readBatch(batch));
    assertThat(OpenAiDialect.findBatch(page, PART.withKey("caravan-a-11"), Quirks.NONE)).isEmpty();
  }

  @Test
  void createsBatchWithKeyInMetadata() {
    assertThat(json(OpenAiDialect.createBatch(PART, Quirks.NONE)))
        .isEqualTo(
            json(
                """
                {'input_file_id': 'file-1', 'endpoint': '/v1/chat/completions',
                 'completion_window': '24h',
                 'metadata': {'caravan_part': 'caravan-a-1', 'caravan_job': 'a', 'priority': '5'}}
                """));
    assertThat(OpenAiDialect.fileName(PART)).isEqualTo("caravan-a-1.jsonl");
  }

  private static @Nullable String page(String list) {
    return OpenAiDialect.readPage(json(list)).after();
  }

  private static ObjectNode recorded(String name) {
    try (InputStream file =
        OpenAiDialectTest.class.getResourceAsStream("/provider/openai/" + name + ".json")) {
      return (ObjectNode) JSON.readTree(Objects.requireNonNull(file, name));
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  /** Parses JSON with single quotes instead of double quotes. */
  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.contains("\"") ? text : text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }
}
