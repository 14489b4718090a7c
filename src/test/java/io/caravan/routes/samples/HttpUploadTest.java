package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code samples/pipelines/http-upload}. */
class HttpUploadTest {
  private static final String TOKEN = "operators-only-0123456789";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static Path folder;
  private static TestCaravan caravan;

  @BeforeAll
  static void start(@TempDir Path temporary) throws IOException {
    folder = temporary;
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Files.copy(
        Path.of("samples/pipelines/http-upload.camel.yaml"),
        routes.resolve("pipelines/http-upload.camel.yaml"));
    caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("caravan.operator.token", TOKEN)
            .start();
  }

  @AfterAll
  static void stop() {
    caravan.close();
    HTTP.close();
  }

  @Test
  void answersWithTheJob() throws Exception {
    HttpResponse<String> answer = put("sent.jsonl", Line.embedding("r", "sent"), TOKEN);

    assertThat(answer.statusCode()).isEqualTo(202);
    Outcome outcome = caravan.awaitReport("sent").counts(1, 1, 0);
    assertThat(Outcome.parse(answer.body()).path("job").asText()).isEqualTo(outcome.job());
    assertThat(outcome.report().path("pipeline").asText()).isEqualTo("http-upload");
    assertThat(answer.headers().map()).doesNotContainKeys("authorization", "user-agent");
  }

  @Test
  void takesNamesAndTextsAsTheyAre() throws Exception {
    assertThat(put("stra%C3%9Fe%201.csv", "custom_id,prompt\nr,größer\n", TOKEN).statusCode())
        .isEqualTo(202);

    caravan.awaitReport("straße 1").counts(1, 0, 1); // the server has no chat model
    try (Stream<Path> copies = Files.walk(folder.resolve("data/scratch"))) {
      assertThat(copies.filter(file -> !file.toString().endsWith(".lock"))) // of this process
          .noneMatch(Files::isRegularFile);
    }
  }

  @Test
  void rejectsOtherCallers() throws Exception {
    assertThat(put("other.jsonl", Line.embedding("r", "other"), "other").statusCode())
        .isEqualTo(401);
    assertThat(
            send(request("page.jsonl", "{}", TOKEN).header("Sec-Fetch-Site", "cross-site"))
                .statusCode())
        .isEqualTo(403);
    assertThat(
            send(request("form.jsonl", "{}", TOKEN)
                    .POST(BodyPublishers.ofString("{}"))
                    .header("Content-Type", "text/plain"))
                .statusCode())
        .isEqualTo(415);
  }

  private static HttpResponse<String> put(String name, String content, String token)
      throws Exception {
    return send(request(name, content, token));
  }

  private static HttpRequest.Builder request(String name, String content, String token) {
    return HttpRequest.newBuilder(URI.create(caravan.address() + "/caravan/upload/" + name))
        .timeout(Duration.ofSeconds(30))
        .header("Authorization", "Bearer " + token)
        .PUT(BodyPublishers.ofString(content));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }
}
