package io.caravan.queue;

import io.caravan.time.Deadline;
import io.caravan.time.UnfitTimeException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.springframework.stereotype.Component;

/** The deadlines of queued requests, in the time zone of this Caravan. */
@Component
public class RequestDeadlines {
  private final Clock clock;
  private final ZoneId zone;

  public RequestDeadlines(Clock clock, ZoneId zone) {
    this.clock = clock;
    this.zone = zone;
  }

  /**
   * The moment of a deadline that a call gives now.
   *
   * @throws QueueProblem if it cannot be read, is past, or is too far ahead
   */
  public Instant of(String text) {
    try {
      return Deadline.of(text, clock, zone);
    } catch (UnfitTimeException e) {
      throw QueueProblem.invalid("invalid_deadline", String.valueOf(e.getMessage()), "deadline");
    }
  }
}
