package io.caravan.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.server.OpenAiShapes;
import io.caravan.server.TestServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorAnswersTest {
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

  @ParameterizedTest
  @CsvSource({
    "GET,    /v1/cats,                  404",
    "GET,    /v1,                       404",
    "GET,    /v1/files/..,              404",
    "PUT,    /v1/batches,               405",
    "DELETE, /v1/batches,               405",
    "POST,   /v1/batches,               400",
    "POST,   /v1/embeddings,            400",
    "GET,    /v1/batches?limit=101,     400",
    "GET,    /v1/batches?limit=0,       400",
    "GET,    /v1/batches?limit=many,    400",
    "GET,    /v1/batches?after=batch_1, 404",
    "GET,    /v1/files?limit=10001,     400",
    "GET,    /v1/files?order=up,        400",
    "GET,    /v1/files?after=file-1,    404",
    "POST,   /v1/files,                 400",
    "POST,   /v1/uploads,               400",
    "PATCH,  /v1/files/file-1,          405",
    "POST,   /v1/batches/batch_1,       405",
    "POST,   /v1/batches/batch_1/cancel, 404",
    "POST,   /v1/uploads/upload_1/complete, 400",
    "GET,    /v1/batches/batch_1,       404",
    "GET,    /v1/files/file-1,          404",
  })
  void haveOpenAisShape(String method, String path, int status) throws Exception {
    HttpResponse<String> response = server.send(method, path, method.equals("POST") ? "{oops" : "");

    OpenAiShapes.check("ErrorResponse", TestServer.json(response.body()));
    JsonNode error = TestServer.json(response.body()).path("error");
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.has("param")).isTrue();
    assertThat(error.has("code")).isTrue();
    assertThat(response.headers().firstValue("x-request-id")).get().asString().startsWith("req_");
    assertThat(response.headers().firstValue("openai-processing-ms")).isPresent();
  }

  @Test
  void everyAnswerHasItsHeaders() throws Exception {
    HttpResponse<String> response = server.get("/v1/batches");

    assertThat(response.headers().firstValue("x-request-id")).isPresent();
    assertThat(response.headers().firstValueAsLong("openai-processing-ms")).isPresent();
    assertThat(response.headers().firstValue("openai-version")).contains("2020-10-01");
  }

  @Test
  void ignoreOtherPaths() throws Exception {
    HttpResponse<String> response = server.get("/cats");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(TestServer.json(response.body()).path("path").asText()).isEqualTo("/cats");
    assertThat(response.headers().firstValue("x-request-id")).isEmpty();
    assertThat(server.get("/actuator/health").statusCode()).isEqualTo(200);
  }
}
