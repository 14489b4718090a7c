package io.caravan.flow.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.TestClock;
import io.caravan.client.Clients;
import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.Pipeline;
import io.caravan.job.Timing;
import io.caravan.time.UnfitTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what messages, names of files and pipelines say about when a job is sent and needed. */
class JobTimingTest {
  private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

  private final JobTiming timing =
      new JobTiming(
          new Clients(Map.of("bob", new Clients.Limits(Set.of(), Set.of(), 6))),
          new TestClock(NOON),
          ZoneId.of("Europe/Berlin"));
  private final Message message = new DefaultMessage(new DefaultCamelContext());
  private Pipeline pipeline;

  @BeforeEach
  void createPipeline() {
    pipeline = new Pipeline();
  }

  private Timing of(String name, @Nullable String client) {
    return timing.of(pipeline, name, message, client);
  }

  @Test
  void isAtOnceWithoutAnything() {
    assertThat(of("x.jsonl", null)).isEqualTo(Timing.NOW);
  }

  @ParameterizedTest
  @CsvSource({
    "x.by-4h.jsonl, 2026-11-30T16:00:00Z",
    "x.by-0600.jsonl.gz, 2026-12-01T05:00:00Z",
    "by-4h.jsonl, ",
    "baby-4h.jsonl, "
  })
  void readsTheDeadlineInAName(String name, @Nullable Instant expected) {
    assertThat(of(name, null).deadlineAt()).isEqualTo(expected);
  }

  @Test
  void prefersTheMessageToTheNameAndThePipeline() {
    pipeline.setDeadline("1h");
    pipeline.setPriority(2);
    assertThat(of("x.jsonl", null)).isEqualTo(new Timing(null, null, NOON.plusSeconds(3600), 2));

    message.setHeader(CaravanHeaders.DEADLINE, "2h");
    message.setHeader(CaravanHeaders.PRIORITY, "9");
    assertThat(of("x.by-4h.jsonl", null))
        .isEqualTo(new Timing(null, null, NOON.plusSeconds(7200), 9));
    assertThat(of("x.jsonl", "bob").priority()).as("its ceiling").isEqualTo(6);
  }

  @Test
  void followsTheScheduleOfThePipelineUnlessTheMessageHasATime() {
    pipeline.setSchedule("02:00");
    assertThat(of("x.jsonl", null).sendAt()).isEqualTo(Instant.parse("2026-12-01T01:00:00Z"));
    assertThat(of("x.jsonl", null).sendSchedule()).isEqualTo("02:00");

    message.setHeader(CaravanHeaders.SEND_AT, NOON.plusSeconds(5));
    assertThat(of("x.jsonl", null).sendAt()).isEqualTo(NOON.plusSeconds(5));
    message.setHeader(CaravanHeaders.SEND_AT, Instant.MIN);
    assertThat(of("x.jsonl", null).sendAt()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "2026-11-30T11:00:00Z", "PT0S"})
  void refusesADeadlineThatCannotBeMet(String deadline) {
    message.setHeader(CaravanHeaders.DEADLINE, deadline);

    assertThatThrownBy(() -> of("x.jsonl", null))
        .isInstanceOf(UnfitTimeException.class)
        .hasMessageContaining(deadline);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "11", "high", "-1", "5.5"})
  void refusesAnotherPriority(String priority) {
    message.setHeader(CaravanHeaders.PRIORITY, priority);

    assertThatThrownBy(() -> of("x.jsonl", null))
        .isInstanceOf(UnfitTimeException.class)
        .hasMessageContaining("1 to 10");
  }
}
