package io.caravan.flow.step;

import io.caravan.flow.FlowProperties;
import io.caravan.job.Part;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.stereotype.Component;

/**
 * The grace period, {@code caravan.poll.answers-grace} after the end of a batch, in which answers
 * that the provider counts but does not deliver are downloaded again.
 */
@Component
public class AnswersGrace {
  private final Clock clock;
  private final Duration grace;

  public AnswersGrace(Clock clock, FlowProperties.Poll poll) {
    this.clock = clock;
    this.grace = poll.answersGrace();
  }

  /** Whether missing answers of an ended batch may still arrive. */
  boolean mayStillCome(Part part) {
    Instant ended = part.submission().endedAt();
    return ended == null || clock.instant().isBefore(ended.plus(grace));
  }

  /** Time until the next poll: grows each time; the last poll is at the end of the grace period. */
  Duration untilNextLook(Part part, Duration first) {
    Instant now = clock.instant();
    Instant ended = part.submission().endedAt() == null ? now : part.submission().endedAt();
    Duration longer = Duration.between(ended, now).dividedBy(2);
    Duration rest = Duration.between(now, ended.plus(grace));
    Duration wait = longer.compareTo(rest) < 0 ? longer : rest;
    return wait.compareTo(first) > 0 ? wait : first;
  }
}
