package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests {@code samples/pipelines/webhook}. */
@Tag("thorough")
@ExtendWith(OutputCaptureExtension.class)
class WebhookTest {
  private final List<Map<String, String>> posts = new CopyOnWriteArrayList<>();

  @Test
  void postsResultsAndErrorsUntilTheyAreTaken(@TempDir Path folder, CapturedOutput output)
      throws IOException {
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/hook", this::receive);
    receiver.start();
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    String url = "http://127.0.0.1:%d/hook".formatted(receiver.getAddress().getPort());
    Files.writeString(
        routes.resolve("pipelines/webhook.camel.yaml"),
        Files.readString(Path.of("samples/pipelines/webhook.camel.yaml"))
            .replace("{{env:WEBHOOK_URL}}", url));
    Path inbox = Files.createDirectories(folder.resolve("inbox-webhook"));
    Files.writeString(
        inbox.resolve("x.jsonl"), TestCaravan.text(Line.embedding("good", "text"), "no request"));

    try (TestCaravan caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("webhook.inbox", inbox)
            .start()) {
      Outcome outcome = caravan.awaitReport("x");

      assertThat(posts)
          .extracting(post -> post.get("CaravanKind"))
          .containsExactly("results", "results", "results", "errors");
      assertThat(posts)
          .allSatisfy(post -> {
            assertThat(post.get("method")).isEqualTo("POST");
            assertThat(post.get("Content-Type")).isEqualTo("application/x-ndjson");
            assertThat(post.get("CaravanJob")).isEqualTo(outcome.job());
            assertThat(post.get("CaravanPipeline")).isEqualTo("webhook");
            assertThat(post.get("CaravanLength"))
                .isEqualTo(
                    "" + post.getOrDefault("body", "").getBytes(StandardCharsets.UTF_8).length);
          });
      assertThat(output.getAll().lines().filter(line -> line.contains("503"))).hasSize(2);
      assertThat(output.getAll()).doesNotContain("\tat ");
      assertThat(posts.get(2).get("body")).contains("\"good\"");
      assertThat(posts.get(3).get("body")).contains("invalid_json_line");
    } finally {
      receiver.stop(0);
    }
  }

  /** Is unavailable twice. */
  private void receive(HttpExchange exchange) throws IOException {
    var post = new HashMap<String, String>();
    post.put("method", exchange.getRequestMethod());
    post.put("body", new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    for (String name :
        List.of("Content-Type", "CaravanJob", "CaravanKind", "CaravanPipeline", "CaravanLength")) {
      post.put(name, exchange.getRequestHeaders().getFirst(name));
    }
    posts.add(post);
    exchange.sendResponseHeaders(posts.size() < 3 ? 503 : 204, -1);
    exchange.close();
  }
}
