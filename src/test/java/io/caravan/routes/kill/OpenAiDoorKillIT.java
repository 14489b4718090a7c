package io.caravan.routes.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.EchoUpstream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills Caravan while it holds a call. */
@Tag("thorough")
class OpenAiDoorKillIT {
  private static final String BODY =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"survives\"}]}";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @Test
  void givesAnswerAfterRestartToSameKey(@TempDir Path folder) throws Exception {
    int port = TestCaravan.freePort();
    try (var upstream = new EchoUpstream()) {
      upstream.hold();
      Map<String, String> variables =
          Map.of("SERVER_PORT", "" + port, "CARAVAN_UPSTREAM_URL", upstream.url());
      try (var killed = CaravanProcess.start(folder, variables).awaitReady(port)) {
        var held = http.sendAsync(call(port), BodyHandlers.ofString());
        await()
            .until(() -> {
              process(port);
              return upstream.heard() > 0;
            });
        killed.kill();
        await().until(held::isCompletedExceptionally);
      }

      upstream.letGo();
      try (var restarted = CaravanProcess.start(folder, variables).awaitReady(port)) {
        HttpResponse<String> answer = http.send(call(port), BodyHandlers.ofString());

        assertThat(answer.statusCode()).as(restarted.output()).isEqualTo(200);
        assertThat(Outcome.parse(answer.body()).at("/choices/0/message/content").asText())
            .isEqualTo("survives");
        assertThat(
                Outcome.parse(http.send(requests(port), BodyHandlers.ofString()).body())
                    .path("data"))
            .hasSize(1);
      }
    }
  }

  private static HttpRequest call(int port) {
    return HttpRequest.newBuilder(uri(port, "/v1/chat/completions"))
        .timeout(Duration.ofMinutes(2))
        .header("Content-Type", "application/json")
        .header("Caravan-Deadline", "10m")
        .header("Idempotency-Key", "survives")
        .POST(BodyPublishers.ofString(BODY))
        .build();
  }

  private static HttpRequest requests(int port) {
    return HttpRequest.newBuilder(uri(port, "/batch/requests")).build();
  }

  private void process(int port) throws Exception {
    http.send(
        HttpRequest.newBuilder(uri(port, "/batch/process/all"))
            .POST(BodyPublishers.noBody())
            .build(),
        BodyHandlers.discarding());
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }
}
