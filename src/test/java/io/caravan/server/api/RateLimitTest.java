package io.caravan.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.openai.client.OpenAIClient;
import com.openai.errors.RateLimitException;
import io.caravan.TestClock;
import io.caravan.server.OpenAiShapes;
import io.caravan.server.TestServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateLimitTest {
  private static final String OWN = "own";
  private final TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
  @TempDir private Path directory;
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        TestServer.start(
            directory,
            clock,
            "caravan.server.keys.alice=" + AccessTest.sha256("a"),
            "caravan.server.keys.bob=" + AccessTest.sha256("b"),
            "caravan.server.own-key=" + OWN,
            "caravan.server.max-requests-per-minute=3");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void reportsRemainingRequests() throws Exception {
    HttpResponse<String> first = list("a");

    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(header(first, "x-ratelimit-limit-requests")).isEqualTo("3");
    assertThat(header(first, "x-ratelimit-remaining-requests")).isEqualTo("2");
    assertThat(header(first, "x-ratelimit-reset-requests")).isEqualTo("20s");
    assertThat(header(list("a"), "x-ratelimit-remaining-requests")).isEqualTo("1");
  }

  @Test
  void refusesRequestsOverTheLimitUntilTokensReturn() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThat(list("a").statusCode()).isEqualTo(200);
    }

    HttpResponse<String> refused = list("a");

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.body()).contains("\"code\":\"rate_limit_exceeded\"");
    OpenAiShapes.check("ErrorResponse", TestServer.json(refused.body()));
    assertThat(header(refused, "Retry-After")).isEqualTo("20");
    clock.advance(Duration.ofSeconds(20));
    assertThat(list("a").statusCode()).isEqualTo(200);
    assertThat(list("a").statusCode()).isEqualTo(429);
  }

  @Test
  void isUnderstoodByTheOfficialClient() {
    OpenAIClient client = server.client("a");
    for (int i = 0; i < 3; i++) {
      client.files().list();
    }

    assertThatExceptionOfType(RateLimitException.class)
        .isThrownBy(() -> client.files().list())
        .satisfies(e -> assertThat(e.code()).contains("rate_limit_exceeded"));
    client.close();
  }

  @Test
  void countsEachKeySeparatelyAndNeverCaravansOwn() throws Exception {
    for (int i = 0; i < 5; i++) {
      list("a");
      assertThat(list(OWN).statusCode()).isEqualTo(200);
    }

    assertThat(list("a").statusCode()).isEqualTo(429);
    assertThat(list("b").statusCode()).isEqualTo(200);
  }

  private HttpResponse<String> list(String key) throws Exception {
    return server.send("GET", "/v1/files", "", "Authorization", "Bearer " + key);
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }
}
