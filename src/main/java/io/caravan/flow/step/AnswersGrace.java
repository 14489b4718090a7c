package io.caravan.flow.step;

import io.caravan.flow.FlowProperties;
import io.caravan.job.Part;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.stereotype.Component;

/**
 * How long answers that a provider counts, but does not deliver, are asked for again: {@code
 * caravan.poll.answers-grace} after the batch ended.
 */
@Component
public class AnswersGrace {
  private final Clock clock;
  private final Duration grace;

  public AnswersGrace(Clock clock, FlowProperties.Poll poll) {
    this.clock = clock;
    this.grace = poll.answersGrace();
  }

  /** Whether answers of an ended batch that are missing may still come. */
  boolean mayStillCome(Part part) {
    Instant ended = part.endedAt();
    return ended == null || clock.instant().isBefore(ended.plus(grace));
  }

  /** Longer each time; the last look is when the time is over. */
  Duration untilNextLook(Part part, Duration first) {
    Instant now = clock.instant();
    Instant ended = part.endedAt() == null ? now : part.endedAt();
    Duration longer = Duration.between(ended, now).dividedBy(2);
    Duration rest = Duration.between(now, ended.plus(grace));
    Duration wait = longer.compareTo(rest) < 0 ? longer : rest;
    return wait.compareTo(first) > 0 ? wait : first;
  }
}
