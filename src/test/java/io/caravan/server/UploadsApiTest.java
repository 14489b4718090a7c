package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.files.FilePurpose;
import com.openai.models.uploads.Upload;
import com.openai.models.uploads.UploadCompleteParams;
import com.openai.models.uploads.UploadCreateParams;
import com.openai.models.uploads.parts.PartCreateParams;
import com.openai.models.uploads.parts.UploadPart;
import io.caravan.TestClock;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadsApiTest {
  @TempDir private static Path directory;
  private static final TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(directory, clock);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void joinsPartsInTheRequestedOrder() throws Exception {
    Upload upload = create(12);
    UploadPart second = add(upload, "second");
    UploadPart first = add(upload, "first:");

    Upload completed = complete(upload, first, second);

    assertThat(completed.status()).isEqualTo(Upload.Status.COMPLETED);
    var file = completed.file().orElseThrow();
    assertThat(file.filename()).isEqualTo("requests.jsonl");
    assertThat(file.expiresAt())
        .hasValue(clock.instant().plus(Duration.ofDays(30)).getEpochSecond());
    try (var content = server.client().files().content(file.id())) {
      assertThat(content.body().readAllBytes()).asString().isEqualTo("first:second");
    }
    assertThat(directory.resolve("content").resolve(first.id())).doesNotExist();
  }

  @Test
  void answersHaveTheOfficialShape() throws Exception {
    var created = server.post("/v1/uploads", form("requests.jsonl", 3));
    String id = TestServer.json(created.body()).path("id").asText();
    add(id, "{}\n");
    var cancelled = server.post("/v1/uploads/" + id + "/cancel", "");

    OpenAiShapes.check("Upload", TestServer.json(created.body()));
    OpenAiShapes.check("Upload", TestServer.json(cancelled.body()));
    assertThat(cancelled.body()).contains("\"cancelled\"");
  }

  @Test
  void resumesAfterRestart() throws Exception {
    Upload upload = create(4);
    UploadPart first = add(upload, "ab");
    server.close();
    server = TestServer.start(directory, clock);

    Upload completed = complete(upload, first, add(upload, "cd"));

    assertThat(completed.file().orElseThrow().bytes()).isEqualTo(4);
  }

  @Test
  void validatesCompletion() {
    Upload upload = create(4);
    UploadPart half = add(upload, "ab");
    UploadPart rest = add(upload, "cd");

    refuses(() -> complete(upload, half), "2 bytes");
    refuses(() -> complete(upload, half, half), "twice");
    refuses(() -> add(upload, "e"), "5 bytes");
    refuses(
        () ->
            server
                .client()
                .uploads()
                .complete(
                    upload.id(),
                    UploadCompleteParams.builder()
                        .partIds(List.of(half.id(), rest.id()))
                        .md5("0".repeat(32))
                        .build()),
        "md5");
    assertThat(complete(upload, half, rest).file()).isPresent();
    refuses(() -> complete(upload, half, rest), "completed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"upload.json", "../../files", "part_00000000000000000000000000000000"})
  void refusesInvalidPartIds(String part) throws Exception {
    Upload upload = create(4);

    var answer =
        server.post(
            "/v1/uploads/" + upload.id() + "/complete", "{\"part_ids\":[\"%s\"]}".formatted(part));

    assertThat(answer.statusCode()).isEqualTo(400);
    OpenAiShapes.check("ErrorResponse", TestServer.json(answer.body()));
  }

  @Test
  void expiresPartsAfterAnHour() throws Exception {
    Upload upload = create(4);
    UploadPart part = add(upload, "abcd");
    clock.advance(Duration.ofHours(1));

    refuses(() -> complete(upload, part), "expired");

    assertThat(directory.resolve("content").resolve(part.id())).doesNotExist();
    clock.advance(Duration.ofDays(2));
    create(1);
    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(() -> server.client().uploads().cancel(upload.id()));
  }

  @Test
  void validatesCreation() throws Exception {
    assertThat(server.post("/v1/uploads", form("requests.txt", 3)).body()).contains(".jsonl");
    assertThat(server.post("/v1/uploads", form("requests.jsonl", 0)).body()).contains("empty");
    assertThat(server.post("/v1/uploads", form("requests.jsonl", 9L << 30)).body())
        .contains("'bytes'");
    for (String bytes : List.of("18446744073709551617", "1e1", "3.5", "\"3\"", "-3")) {
      var answer =
          server.post(
              "/v1/uploads", form("requests.jsonl", 3).replace(":3,", ":%s,".formatted(bytes)));
      assertThat(answer.statusCode()).as(bytes).isEqualTo(400);
    }
    assertThat(server.post("/v1/uploads", form("\\ud83d.jsonl", 3)).statusCode()).isEqualTo(400);
    assertThat(server.post("/v1/uploads", "{}").body()).contains("'filename'");
    assertThat(server.post("/v1/uploads/upload_1/parts", "{}").statusCode()).isEqualTo(404);
  }

  private static void refuses(Runnable call, String reason) {
    assertThatExceptionOfType(BadRequestException.class)
        .isThrownBy(call::run)
        .withMessageContaining(reason);
  }

  private static Upload create(long bytes) {
    return server
        .client()
        .uploads()
        .create(
            UploadCreateParams.builder()
                .filename("requests.jsonl")
                .bytes(bytes)
                .mimeType("application/jsonl")
                .purpose(FilePurpose.BATCH)
                .build());
  }

  private static UploadPart add(Upload upload, String content) {
    return add(upload.id(), content);
  }

  private static UploadPart add(String upload, String content) {
    return server
        .client()
        .uploads()
        .parts()
        .create(
            upload,
            PartCreateParams.builder()
                .data(new ByteArrayInputStream(content.getBytes(UTF_8)))
                .build());
  }

  private static Upload complete(Upload upload, UploadPart... parts) {
    List<String> ids = List.of(parts).stream().map(UploadPart::id).toList();
    return server
        .client()
        .uploads()
        .complete(upload.id(), UploadCompleteParams.builder().partIds(ids).build());
  }

  private static String form(String name, long bytes) {
    return """
    {"filename":"%s","purpose":"batch","bytes":%d,"mime_type":"application/jsonl"}\
    """
        .formatted(name, bytes);
  }
}
