package io.caravan.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.testkit.ScriptedProvider.CallKind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the faults of the test kit with the default pipeline. */
@Tag("thorough")
class ScriptedProviderTest {
  private static ScriptedProvider provider;
  private static TestCaravan caravan;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    provider = new ScriptedProvider();
    caravan =
        TestCaravan.in(folder)
            .with("caravan.provider", "openai")
            .with("caravan.providers.openai.base-url", provider.url())
            .with("caravan.providers.openai.api-key", "none")
            .with("caravan.poll.answers-grace", "300ms")
            .start();
  }

  @AfterAll
  static void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  @Test
  void answersEveryRequest() throws IOException {
    outcome("all").counts(4, 4, 0);
  }

  @Test
  void stallsUntilReleased() throws IOException {
    provider.stall();
    caravan.drop("stalled.jsonl", Line.chat("stalled-1", "x"), Line.chat("stalled-2", "y"));
    await().until(() -> provider.paid().containsKey("stalled-2"));
    assertThat(caravan.outcomes("stalled")).isEmpty();

    provider.release();

    caravan.awaitReport("stalled").counts(2, 2, 0);
  }

  @Test
  void expiresBatch() throws IOException {
    provider.expire(1);

    Outcome outcome = outcome("expired").counts(4, 4, 0);

    assertThat(outcome.report().path("parts")).hasSize(2);
  }

  @Test
  void losesAnswers() throws IOException {
    provider.lose(3);

    outcome("lost").counts(4, 4, 0);
  }

  @Test
  void failsBatch() throws IOException {
    provider.fail("No such model.");

    Outcome outcome = outcome("failed").counts(4, 4, 0);

    assertThat(outcome.report().path("parts")).hasSize(2);
  }

  @Test
  void repeatsLines() throws IOException {
    provider.repeat(true);

    outcome("repeated").counts(4, 4, 0);

    provider.repeat(false);
  }

  @Test
  void answersOutsideOfBatches() throws IOException {
    provider.shed(2);
    try (var http = HttpClient.newHttpClient()) {
      assertThat(ask(http, "single 1", "flex")).isEqualTo(429);
      assertThat(ask(http, "single 2", "flex")).isEqualTo(200);
      assertThat(ask(http, "single 1", "default")).isEqualTo(200);
    } finally {
      provider.shed(0);
    }
    assertThat(provider.paid()).containsEntry("single 1", 1L).containsEntry("single 2", 1L);
  }

  private static int ask(HttpClient http, String text, String tier) throws IOException {
    String body =
        """
        {"model":"m","service_tier":"%s","messages":[{"role":"user","content":"%s"}]}\
        """
            .formatted(tier, text);
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(provider.url() + "/chat/completions"))
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  @Test
  void refusesCallsAndRequests() throws IOException {
    provider.refuse(CallKind.CREATE, 503).answer("bad", 400);
    caravan.drop("refused.jsonl", Line.chat("bad", "x"), Line.chat("good", "y"));

    caravan.awaitReport("refused").counts(2, 1, 1);
  }

  private static Outcome outcome(String name) throws IOException {
    caravan.drop(name + ".jsonl", Line.chats(name, 4));
    return caravan.awaitReport(name);
  }
}
