package io.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RepeatFilterTest {
  private static final String DOWN = "[Consumer clientId={}] Connection to node {} ({}) failed";

  private final LoggerContext context = new LoggerContext();
  private final Logger kafka = context.getLogger("org.apache.kafka.clients.NetworkClient");
  private final TestClock clock = new TestClock(Instant.parse("2026-11-30T00:00:00Z"));
  private final RepeatFilter filter = new RepeatFilter(clock);

  @Test
  void dropsWhatALibraryRepeats() {
    assertThat(decide(kafka, Level.WARN, DOWN, "c-1", -1, "/127.0.0.1:9092"))
        .isEqualTo(FilterReply.NEUTRAL);
    for (int i = 0; i < 100; i++) {
      clock.advance(Duration.ofSeconds(50)); // of an outage of more than an hour
      assertThat(decide(kafka, Level.WARN, DOWN, "c-" + i, i, "/127.0.0.1:9092"))
          .isEqualTo(FilterReply.DENY);
    }
    clock.advance(Duration.ofMinutes(2));
    assertThat(decide(kafka, Level.WARN, DOWN, "c-1", -1, "/127.0.0.1:9092"))
        .isEqualTo(FilterReply.NEUTRAL);
  }

  @Test
  void dropsWhatOnlyTheExchangeDistinguishes() {
    String failed = "Error during processing Exchange[{}] from topic: requests";

    assertThat(decide(kafka, Level.WARN, failed, "A7BC-00BA")).isEqualTo(FilterReply.NEUTRAL);
    assertThat(decide(kafka, Level.WARN, failed, "A7BC-00CE")).isEqualTo(FilterReply.DENY);
  }

  @Test
  void keepsWhatDiffers() {
    for (String host : new String[] {"alpha", "beta"}) {
      assertThat(decide(kafka, Level.WARN, DOWN, "c", 1, host)).isEqualTo(FilterReply.NEUTRAL);
    }
    assertThat(decide(context.getLogger("other"), Level.WARN, DOWN, "c", 1, "alpha"))
        .isEqualTo(FilterReply.NEUTRAL);
  }

  @Test
  void keepsInformationAndCaravansOwnMessages() {
    for (int i = 0; i < 2; i++) {
      assertThat(decide(kafka, Level.INFO, "started")).isEqualTo(FilterReply.NEUTRAL);
      assertThat(decide(context.getLogger("io.caravan.flow.X"), Level.WARN, "job={} waits", "j"))
          .isEqualTo(FilterReply.NEUTRAL);
    }
  }

  private FilterReply decide(Logger logger, Level level, String format, Object... parameters) {
    return filter.decide(null, logger, level, format, parameters, null);
  }
}
