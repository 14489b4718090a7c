package io.caravan.server.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.uploads.UploadCreateParams;
import io.caravan.TestClock;
import io.caravan.client.UnfitSettingsException;
import io.caravan.server.OpenAiShapes;
import io.caravan.server.TestServer;
import io.caravan.server.settings.ServerSettings;
import io.caravan.server.store.FileForm;
import io.caravan.server.store.Owner;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.wire.IdKind;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
public class AccessTest {
  private static final String ALICE = "3f0c7d0f4a1e4be09be0b1f2f4c5a6e7";
  private static final String BOB = "9a8b7c6d5e4f30212f3e4d5c6b7a8990";
  private static final String CAROL = "5b0c7d0f4a1e4be09be0b1f2f4c5a6e8";
  private static final String DAVE = "5b0c7d0f4a1e4be09be0b1f2f4c5a6e9";
  private static final String OWN = "0102030405060708090a0b0c0d0e0f10";
  @TempDir private static Path directory;
  private static final TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
  private static TestServer server;
  private static OpenAIClient alice;
  private static OpenAIClient bob;

  @BeforeAll
  static void start() throws Exception {
    server =
        TestServer.start(
            directory,
            clock,
            "caravan.server.keys.alice=" + sha256(ALICE),
            "caravan.server.keys.bob=" + sha256(BOB),
            "caravan.server.keys.carol=" + sha256(CAROL),
            "caravan.server.keys.dave=" + sha256(DAVE),
            "caravan.client.limits.carol.models=all-*,gpt-4.1-*",
            "caravan.client.limits.dave.providers=openai",
            "caravan.server.own-key=" + OWN);
    alice = server.client(ALICE);
    bob = server.client(BOB);
  }

  @AfterAll
  static void stop() {
    alice.close();
    bob.close();
    server.close();
  }

  @Test
  void acceptsOnlyKnownKeys() {
    assertThat(alice.files().list().data()).isNotNull();

    assertThatExceptionOfType(UnauthorizedException.class)
        .isThrownBy(() -> server.client().files().list())
        .satisfies(e -> {
          assertThat(e.code()).contains("invalid_api_key");
          assertThat(e.type()).contains("invalid_request_error");
          assertThat(e.headers().values("x-request-id")).isNotEmpty();
        });
  }

  @Test
  void neverRevealsAKey(CapturedOutput output) throws Exception {
    var wrong = server.send("GET", "/v1/files", "", "Authorization", "Bearer sk-wrong");
    var without = server.get("/v1/batches");

    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(wrong.body()).contains("invalid_api_key").doesNotContain("sk-wrong");
    assertThat(without.statusCode()).isEqualTo(401);
    OpenAiShapes.check("ErrorResponse", TestServer.json(without.body()));
    assertThat(output.getAll()).doesNotContain("sk-wrong", ALICE);
    assertThat(server.bean(ServerSettings.class).toString())
        .contains("alice")
        .doesNotContain(sha256(ALICE), OWN);
    try (var files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile))
          .allSatisfy(file -> assertThat(Files.readString(file, ISO_8859_1)).doesNotContain(ALICE));
    }
  }

  @Test
  void acceptsAzuresHeader() throws Exception {
    assertThat(server.send("GET", "/v1/files", "", "api-key", ALICE).statusCode()).isEqualTo(200);
    assertThat(server.send("GET", "/v1/files", "", "api-key", "x").statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1;x=1/files",
        "/%76%31/files",
        "//v1/files",
        "/x/../v1/files",
        "/./v1/files",
        "/v1/./files",
        "/v1/files/",
        "/V1/files"
      })
  void cannotBeBypassedByOtherPaths(String path) throws Exception {
    try (var socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(server.url()).getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                  .formatted(path)
                  .getBytes(UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);

      assertThat(answer).matches("(?s)HTTP/1.1 (400|401|404) .*");
    }
  }

  @Test
  void needsNoKeyForHealth() throws Exception {
    assertThat(server.get("/actuator/health").statusCode()).isEqualTo(200);
  }

  @Test
  void showsFilesOnlyToTheirOwner() throws Exception {
    FileObject file = upload(alice);

    assertThat(alice.files().retrieve(file.id()).id()).isEqualTo(file.id());
    assertThat(alice.files().list().data()).extracting(FileObject::id).contains(file.id());
    assertThat(bob.files().list().data()).extracting(FileObject::id).doesNotContain(file.id());
    isUnknown(() -> bob.files().retrieve(file.id()));
    assertThat(
            server
                .send("GET", "/v1/files/" + file.id() + "/content", "", "api-key", BOB)
                .statusCode())
        .isEqualTo(404);
    isUnknown(() -> bob.files().delete(file.id()));
    isUnknown(() -> bob.files().list(FileListParams.builder().after(file.id()).build()));
    assertThat(server.send("GET", "/v1/files/" + file.id(), "", "api-key", BOB).body())
        .isEqualTo(
            server
                .send("GET", "/v1/files/" + unknown(file.id()), "", "api-key", BOB)
                .body()
                .replace(unknown(file.id()), file.id()));
  }

  @Test
  void showsBatchesAndResultsOnlyToTheirOwner() {
    Batch batch = server.awaitEnd(alice, batch(alice, upload(alice).id()));
    String output = batch.outputFileId().orElseThrow();

    assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
    assertThat(alice.files().retrieve(output).id()).isEqualTo(output);
    isUnknown(() -> bob.files().retrieve(output));
    isUnknown(() -> bob.batches().retrieve(batch.id()));
    isUnknown(() -> bob.batches().cancel(batch.id()));
    assertThat(bob.batches().list().data()).extracting(Batch::id).doesNotContain(batch.id());
  }

  @Test
  void refusesABatchOfAnotherOwnersFile() {
    String file = upload(alice).id();

    assertThatExceptionOfType(BadRequestException.class)
        .isThrownBy(() -> batch(bob, file))
        .withMessageContaining("No such File object: " + file);
  }

  @Test
  void showsUploadsOnlyToTheirOwner() {
    var upload =
        alice
            .uploads()
            .create(
                UploadCreateParams.builder()
                    .filename("a.jsonl")
                    .bytes(4)
                    .mimeType("application/jsonl")
                    .purpose(FilePurpose.BATCH)
                    .build());

    isUnknown(() -> bob.uploads().cancel(upload.id()));
    assertThat(alice.uploads().cancel(upload.id()).id()).isEqualTo(upload.id());
  }

  @Test
  void showsFilesWithoutOwnerToCaravansOwnKey() throws Exception {
    server
        .bean(StoredFiles.class)
        .add(
            IdKind.FILE.next(),
            Owner.NONE,
            "before.jsonl",
            FileForm.BATCH,
            null,
            target -> Files.writeString(target, "{}"));

    assertThat(server.send("GET", "/v1/files", "", "Authorization", "Bearer " + OWN).body())
        .contains("before.jsonl");
    assertThat(server.send("GET", "/v1/files", "", "Authorization", "Bearer " + ALICE).body())
        .doesNotContain("before.jsonl");
  }

  @ParameterizedTest
  @CsvSource({"/v1/embeddings", "/v1/chat/completions", "/v1/batches"})
  void refusesModelsOutsideTheLimitsOfAKey(String path) throws Exception {
    var answer = post(path, CAROL, "gpt-5");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
    OpenAiShapes.check("ErrorResponse", TestServer.json(answer.body()));
    assertThat(answer.body())
        .contains("model_not_allowed", "'gpt-5'", "It may use: all-*, gpt-4.1-*.");
  }

  @ParameterizedTest
  @CsvSource({"/v1/embeddings", "/v1/chat/completions", "/v1/batches"})
  void refusesProvidersOutsideTheLimitsOfAKey(String path) throws Exception {
    var answer = post(path, DAVE, "all-MiniLM-L6-v2");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
    assertThat(answer.body()).contains("provider_not_allowed", "It may use: openai.");
  }

  @Test
  void acceptsModelsWithinTheLimitsOfAKey() throws Exception {
    assertThat(post("/v1/embeddings", CAROL, "all-MiniLM-L6-v2").statusCode()).isEqualTo(200);
    assertThat(post("/v1/embeddings", ALICE, "all-MiniLM-L6-v2").statusCode()).isEqualTo(200);
    assertThat(server.send("GET", "/v1/models", "", "api-key", CAROL).body()).contains("all-Mini");
    assertThat(server.send("GET", "/v1/models", "", "api-key", DAVE).body())
        .doesNotContain("all-Mini");
  }

  @Test
  void failsABatchWithAModelOutsideTheLimits() {
    OpenAIClient carol = server.client(CAROL);
    try {
      String lines = TestServer.embedding("a", "red").replace("all-MiniLM-L6-v2", "gpt-5");
      Batch batch = server.awaitEnd(carol, batch(carol, upload(carol, lines).id()));

      assertThat(batch.status()).isEqualTo(Batch.Status.FAILED);
      assertThat(batch.errors().orElseThrow().data().orElseThrow().getFirst())
          .satisfies(error -> {
            assertThat(error.code()).contains("model_not_allowed");
            assertThat(error.line()).contains(1L);
          });
    } finally {
      carol.close();
    }
  }

  @Test
  void doesNotStartWithLimitsOfAnUnknownKey(@TempDir Path other) {
    assertThatThrownBy(() ->
            TestServer.start(
                other,
                "caravan.server.keys.alice=" + "0".repeat(64),
                "caravan.client.limits.alise.models=gpt-5"))
        .rootCause()
        .isInstanceOf(UnfitSettingsException.class)
        .hasMessageContaining("caravan.client.limits.alise");
  }

  private static HttpResponse<String> post(String path, String key, String model) throws Exception {
    String body =
        """
        {"model": "%s", "input": "red", "messages": [], "requests": [{"custom_id": "a", "body": {"messages": []}}]}
        """
            .formatted(model);
    return server.send("POST", path, body, "api-key", key);
  }

  private static void isUnknown(Runnable call) {
    assertThatExceptionOfType(NotFoundException.class).isThrownBy(call::run);
  }

  private static String unknown(String id) {
    return id.substring(0, 20) + "0".repeat(id.length() - 20);
  }

  private static FileObject upload(OpenAIClient client) {
    return upload(client, TestServer.embedding("a", "red"));
  }

  private static FileObject upload(OpenAIClient client, String lines) {
    return client
        .files()
        .create(
            FileCreateParams.builder()
                .purpose(FilePurpose.BATCH)
                .file(TestServer.part("a.jsonl", lines))
                .build());
  }

  private static Batch batch(OpenAIClient client, String file) {
    return client
        .batches()
        .create(
            BatchCreateParams.builder()
                .inputFileId(file)
                .endpoint(BatchCreateParams.Endpoint.V1_EMBEDDINGS)
                .completionWindow(BatchCreateParams.CompletionWindow._24H)
                .build());
  }

  public static String sha256(String key) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
  }
}
