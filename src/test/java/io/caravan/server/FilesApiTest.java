package io.caravan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnexpectedStatusCodeException;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import io.caravan.TestClock;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilesApiTest {
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
  void returnsUploadedContent() throws Exception {
    FileObject file = server.upload("requests.jsonl", "{\"a\":1}\n");

    assertThat(file.validate().filename()).isEqualTo("requests.jsonl");
    assertThat(file.bytes()).isEqualTo(8);
    assertThat(file.createdAt()).isEqualTo(clock.instant().getEpochSecond());
    assertThat(file.expiresAt()).hasValue(file.createdAt() + Duration.ofDays(30).toSeconds());
    assertThat(server.client().files().retrieve(file.id())).isEqualTo(file);
    try (var content = server.client().files().content(file.id())) {
      assertThat(content.body().readAllBytes()).asString().isEqualTo("{\"a\":1}\n");
      assertThat(content.headers().values("content-length")).containsExactly("8");
      assertThat(content.headers().values("content-disposition").getFirst())
          .contains("attachment", "requests.jsonl");
    }
  }

  @Test
  void hasTheOfficialShapeWithExplicitNulls() throws Exception {
    FileObject file = server.upload("requests.jsonl", "{}");

    JsonNode json = TestServer.json(server.get("/v1/files/" + file.id()).body());

    assertThat(json.properties().stream().map(e -> e.getKey()))
        .containsExactlyInAnyOrder(
            "object",
            "id",
            "purpose",
            "filename",
            "bytes",
            "created_at",
            "expires_at",
            "status",
            "status_details");
    assertThat(json.get("status_details").isNull()).isTrue();
  }

  @Test
  void everyAnswerHasTheOfficialShape() throws Exception {
    FileObject file = server.upload("requests.jsonl", "{}");

    OpenAiShapes.check("OpenAIFile", TestServer.json(server.get("/v1/files/" + file.id()).body()));
    OpenAiShapes.check("ListFilesResponse", TestServer.json(server.get("/v1/files").body()));
    OpenAiShapes.check(
        "ListFilesResponse", TestServer.json(server.get("/v1/files?purpose=evals").body()));
    OpenAiShapes.check(
        "DeleteFileResponse",
        TestServer.json(server.send("DELETE", "/v1/files/" + file.id(), "").body()));
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-3,   206, 0123,       bytes 0-3/10",
    "bytes=7-,    206, 789,        bytes 7-9/10",
    "bytes=-2,    206, 89,         bytes 8-9/10",
    "bytes=5-99,  206, 56789,      bytes 5-9/10",
  })
  void servesRanges(String range, int status, String content, String says) throws Exception {
    var answer = content(server.upload("a.jsonl", "0123456789"), "Range", range);

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).isEqualTo(content);
    assertThat(answer.headers().firstValue("Content-Range")).contains(says);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=10-", "bytes=4-1", "lines=1-2"})
  void refusesInvalidRanges(String range) throws Exception {
    var answer = content(server.upload("a.jsonl", "0123456789"), "Range", range);

    assertThat(answer.statusCode()).isEqualTo(416);
    assertThat(answer.headers().firstValue("Content-Range")).contains("bytes */10");
    OpenAiShapes.check("ErrorResponse", TestServer.json(answer.body()));
  }

  @Test
  void servesTheWholeFileIfTheTagDiffers() throws Exception {
    FileObject file = server.upload("a.jsonl", "0123456789");
    String tag = content(file).headers().firstValue("ETag").orElseThrow();

    var same = content(file, "Range", "bytes=0-3", "If-Range", tag);
    var other = content(file, "Range", "bytes=0-3", "If-Range", "\"other\"");

    assertThat(same.statusCode()).isEqualTo(206);
    assertThat(other.statusCode()).isEqualTo(200);
    assertThat(other.body()).isEqualTo("0123456789");
    assertThat(other.headers().firstValue("Content-Length")).contains("10");
    assertThat(content(file, "If-None-Match", tag).statusCode()).isEqualTo(304);
  }

  @Test
  void answersHeadWithTheSize() throws Exception {
    FileObject file = server.upload("a.jsonl", "0123456789");

    var answer = server.send("HEAD", "/v1/files/" + file.id() + "/content", "");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.headers().firstValue("Content-Length")).contains("10");
    assertThat(answer.headers().firstValue("Accept-Ranges")).contains("bytes");
  }

  private static HttpResponse<String> content(FileObject file, String... headers) throws Exception {
    return server.send("GET", "/v1/files/" + file.id() + "/content", "", headers);
  }

  @Test
  void refusesUnknownPurposes() {
    assertThatExceptionOfType(BadRequestException.class)
        .isThrownBy(() ->
            server
                .client()
                .files()
                .create(
                    FileCreateParams.builder()
                        .purpose(FilePurpose.of("fun"))
                        .file(TestServer.part("a.jsonl", "{}"))
                        .build()))
        .satisfies(e -> assertThat(e.param()).contains("purpose"));
  }

  @Test
  void listsPageByPage() {
    List<String> ids =
        List.of("a.jsonl", "b.jsonl", "c.jsonl").stream()
            .map(name -> server.upload(name, "{}").id())
            .toList();

    var first = server.client().files().list(FileListParams.builder().limit(2).build());
    var all =
        server.client().files().list(FileListParams.builder().limit(2).build()).autoPager().stream()
            .map(FileObject::id);
    var oldestFirst =
        FileListParams.builder()
            .order(FileListParams.Order.ASC)
            .after(ids.getFirst())
            .purpose("batch")
            .build();

    assertThat(first.data()).extracting(FileObject::id).containsExactly(ids.get(2), ids.get(1));
    assertThat(first.hasMore()).contains(true);
    assertThat(all).containsSubsequence(ids.reversed());
    assertThat(server.client().files().list(oldestFirst).data())
        .extracting(FileObject::id)
        .startsWith(ids.get(1), ids.get(2));
  }

  @Test
  void deletes() throws Exception {
    FileObject file = server.upload("requests.jsonl", "{}");

    assertThat(server.client().files().delete(file.id()).deleted()).isTrue();

    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(() -> server.client().files().retrieve(file.id()));
    assertThat(directory.resolve("content").resolve(file.id())).doesNotExist();
  }

  @Test
  void hidesExpiredFiles() {
    FileObject file =
        server
            .client()
            .files()
            .create(
                FileCreateParams.builder()
                    .purpose(FilePurpose.USER_DATA)
                    .file(TestServer.part("notes.txt", "text"))
                    .expiresAfter(FileCreateParams.ExpiresAfter.builder().seconds(3600).build())
                    .build());
    assertThat(file.expiresAt()).hasValue(file.createdAt() + 3600);

    clock.advance(Duration.ofHours(1));

    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(() -> server.client().files().content(file.id()))
        .withMessageContaining("No such File object: " + file.id());
  }

  @Test
  void refusesNamesThatAreNotJsonl() {
    assertThatExceptionOfType(BadRequestException.class)
        .isThrownBy(() -> server.upload("requests.csv", "{}"))
        .withMessageContaining("Invalid file format for Batch API. Must be .jsonl");
  }

  @Test
  void refusesEmptyFiles() {
    assertThatExceptionOfType(BadRequestException.class)
        .isThrownBy(() -> server.upload("requests.jsonl", ""))
        .withMessageContaining("empty");
  }

  @Test
  void refusesFilesThatAreTooLarge() {
    assertThatExceptionOfType(UnexpectedStatusCodeException.class)
        .isThrownBy(() -> server.upload("requests.jsonl", "x".repeat(3_000_000)))
        .satisfies(e -> assertThat(e.statusCode()).isEqualTo(413))
        .withMessageContaining("larger than this server takes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../../evil.jsonl", "/etc/evil.jsonl", "..\\..\\evil.jsonl"})
  void keepsHostileNamesOffTheDisk(String name) throws Exception {
    FileObject file = server.upload(name, "{}");

    assertThat(file.filename()).isEqualTo("evil.jsonl");
    try (var paths = Files.walk(directory)) {
      assertThat(paths.map(Path::toString)).noneMatch(path -> path.contains("evil"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file-..", "%2e%2e", "file-1", ".lock", "..%5c..%5cbatch.json"})
  void refusesInvalidIds(String id) throws Exception {
    assertThat(server.get("/v1/files/" + id).statusCode()).isIn(400, 404);
    assertThat(server.get("/v1/files/" + id + "/content").statusCode()).isIn(400, 404);
    assertThat(server.send("DELETE", "/v1/files/" + id, "").statusCode()).isIn(400, 404, 405);
  }

  @Test
  void refusesUploadsThatAreNotMultipart() throws Exception {
    assertThat(server.post("/v1/files", "{}").statusCode()).isEqualTo(400);
  }
}
