package io.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.time.UnfitTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class QueueTest {
  private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

  private final Queue queue = new Queue();

  @Test
  void refusesAScheduleThatCannotBeRead() {
    assertThatThrownBy(() -> queue.setSchedule("at night"))
        .isInstanceOf(UnfitTimeException.class)
        .hasMessageContaining("at night");
    assertThat(queue.getSchedule()).isEmpty();
  }

  @Test
  void isDueAtItsScheduleInsteadOfItsAge() {
    assertThat(queue.due(NOON, ZoneOffset.UTC)).isEqualTo(NOON.plus(queue.getMaxAge()));

    queue.setSchedule("02:00");

    assertThat(queue.due(NOON, ZoneOffset.UTC)).isEqualTo(Instant.parse("2026-12-01T02:00:00Z"));
  }
}
