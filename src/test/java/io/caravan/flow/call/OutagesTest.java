package io.caravan.flow.call;

import static io.caravan.flow.call.Outages.State.REFUSES;
import static io.caravan.flow.call.Outages.State.UNAVAILABLE;
import static io.caravan.job.Rows.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.Logged;
import io.caravan.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.TransientDataAccessResourceException;

class OutagesTest {
  private final TestClock clock = new TestClock(NOON);
  private final Outages outages = new Outages(clock, provider -> 3L);
  private final Logged logged = Logged.by(Outages.class);

  @AfterEach
  void stopListening() {
    logged.close();
  }

  @Test
  void logsOneLinePerMinuteHoweverManyCallsFail() {
    for (int second = 0; second < 150; second++) {
      outages.note("openai", UNAVAILABLE, "Connection refused");
      outages.note("openai", UNAVAILABLE, "HTTP 503: down");
      clock.advance(Duration.ofSeconds(1));
    }
    outages.end("openai");
    outages.end("openai");

    assertThat(logged.lines())
        .containsExactly(
            "WARN provider=openai is unavailable, 3 jobs waiting: Connection refused",
            "WARN provider=openai is unavailable for 1 min, 3 jobs waiting: Connection refused",
            "WARN provider=openai is unavailable for 2 min, 3 jobs waiting: Connection refused",
            "INFO provider=openai is available again after 150 s, resuming its jobs");
  }

  @Test
  void logsOnceForAProviderThatFlickers() {
    for (int second = 0; second < 50; second++) {
      outages.note("openai", UNAVAILABLE, "HTTP 503: down");
      outages.end("openai");
      clock.advance(Duration.ofSeconds(1));
    }

    assertThat(logged.lines()).hasSize(2);
  }

  @Test
  void logsEachProviderAndEachState() {
    outages.note("openai", UNAVAILABLE, "HTTP 503: down");
    outages.note("gemini", UNAVAILABLE, "HTTP 503: down");
    clock.advance(Duration.ofSeconds(90));
    outages.note("openai", REFUSES, "HTTP 401: no");
    outages.end("openai");

    assertThat(logged.lines())
        .containsExactly(
            "WARN provider=openai is unavailable, 3 jobs waiting: HTTP 503: down",
            "WARN provider=gemini is unavailable, 3 jobs waiting: HTTP 503: down",
            "WARN provider=openai refuses access, 3 jobs waiting: HTTP 401: no",
            "INFO provider=openai is available again after 90 s, resuming its jobs");
  }

  @Test
  void logsEachRefusalAgainAfterRecovery() {
    outages.note("openai", REFUSES, "HTTP 401: no");
    outages.note("openai", REFUSES, "HTTP 401: no");
    outages.end("openai");
    outages.note("openai", REFUSES, "HTTP 401: no");

    assertThat(logged.lines()).hasSize(3);
  }

  @Test
  void logsEvenWhenTheStoreIsDown() {
    var without =
        new Outages(
            clock,
            provider -> {
              throw new TransientDataAccessResourceException("down, too");
            });

    without.note("openai", UNAVAILABLE, "HTTP 503: down");

    assertThat(logged.lines())
        .containsExactly("WARN provider=openai is unavailable, its jobs waiting: HTTP 503: down");
  }

  @Test
  void logsNothingForAHealthyProvider() {
    outages.end("openai");

    assertThat(logged.lines()).isEmpty();
  }
}
