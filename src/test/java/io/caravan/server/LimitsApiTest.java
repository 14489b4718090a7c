package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Size limits of requests; large content is not read into memory. */
class LimitsApiTest {
  private static final byte[] LARGE =
      ("{\"model\":\"" + "x".repeat(200_000) + "\"}").getBytes(UTF_8);
  @TempDir private static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() {
    server =
        TestServer.start(
            directory,
            "spring.servlet.multipart.max-file-size=8MB",
            "spring.servlet.multipart.max-request-size=8MB");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/batches", "/v1/uploads", "/v1/embeddings"})
  void refusesJsonThatIsTooLarge(String path) throws Exception {
    isTooLarge(post(path, "application/json", BodyPublishers.ofByteArray(LARGE)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/batches", "/v1/uploads", "/v1/embeddings"})
  void refusesLargeJsonWithoutContentLength(String path) throws Exception {
    isTooLarge(
        post(
            path,
            "application/json",
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(LARGE))));
  }

  @Test
  void refusesAFileThatIsTooLarge() throws Exception {
    isTooLarge(form("name=\"file\"; filename=\"a.jsonl\"", 9_000_000));
  }

  @Test
  void requiresTheFileUnderItsFieldName() throws Exception {
    HttpResponse<String> answer = form("name=\"document\"; filename=\"a.jsonl\"", 5_000_000);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("Missing required parameter: 'file'");
  }

  @Test
  void refusesLargeFieldsThatAreNotFiles() throws Exception {
    HttpResponse<String> answer = form("name=\"file\"", 5_000_000);

    assertThat(answer.statusCode()).isIn(400, 413);
    OpenAiShapes.check("ErrorResponse", TestServer.json(answer.body()));
  }

  private static void isTooLarge(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(413);
    OpenAiShapes.check("ErrorResponse", TestServer.json(answer.body()));
  }

  private static HttpResponse<String> form(String disposition, int bytes) throws Exception {
    String body =
        """
        --B\r
        Content-Disposition: form-data; name="purpose"\r
        \r
        batch\r
        --B\r
        Content-Disposition: form-data; %s\r
        \r
        %s\r
        --B--\r
        """
            .formatted(disposition, "x".repeat(bytes));
    return post(
        "/v1/files", "multipart/form-data; boundary=B", BodyPublishers.ofString(body, UTF_8));
  }

  private static HttpResponse<String> post(String path, String type, HttpRequest.BodyPublisher body)
      throws Exception {
    return server.send(
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .header("Content-Type", type)
            .POST(body)
            .build());
  }
}
