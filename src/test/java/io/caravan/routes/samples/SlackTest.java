package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code samples/pipelines/slack}. */
@Tag("thorough")
class SlackTest {
  private final List<String> posts = new CopyOnWriteArrayList<>();
  private final List<String> headers = new CopyOnWriteArrayList<>();

  @Test
  void postsReportUntilItIsTakenAndWritesItOnce(@TempDir Path folder) throws IOException {
    HttpServer chat =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    chat.createContext("/services", this::receive);
    chat.start();
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    String url = "http://127.0.0.1:%d/services/T0/B0/x".formatted(chat.getAddress().getPort());
    Files.writeString(
        routes.resolve("pipelines/slack.camel.yaml"),
        Files.readString(Path.of("samples/pipelines/slack.camel.yaml"))
            .replace("{{env:SLACK_WEBHOOK_URL}}", url));
    Path inbox = Files.createDirectories(folder.resolve("inbox-slack"));
    String stem = "a \"b\" <!channel>, ${header.x} 'c";
    Files.writeString(
        inbox.resolve(stem + ".jsonl"),
        TestCaravan.text(Line.embedding("good", "text"), "no request"));

    try (TestCaravan caravan =
        TestCaravan.in(folder).with("caravan.routes", routes).with("slack.inbox", inbox).start()) {
      Outcome outcome = caravan.awaitReport(stem);

      assertThat(posts).hasSize(3).containsOnly(posts.getFirst());
      assertThat(new JsonMapper().readTree(posts.getFirst()).path("text").asText())
          .isEqualTo(
              "a \"b\" (!channel>, ${header.x} 'c.jsonl (slack) delivered: 1 results, 1 errors of 2 requests, job "
                  + outcome.job());
      assertThat(headers).noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("caravan"));
      assertThat(caravan.outcomes(stem)).hasSize(1);
    } finally {
      chat.stop(0);
    }
  }

  /** Is unavailable twice. */
  private void receive(HttpExchange exchange) throws IOException {
    posts.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    headers.addAll(exchange.getRequestHeaders().keySet());
    exchange.sendResponseHeaders(posts.size() < 3 ? 503 : 200, -1);
    exchange.close();
  }
}
