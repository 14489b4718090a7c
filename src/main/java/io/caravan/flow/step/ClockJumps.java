package io.caravan.flow.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Detects that the clock was set back, which would delay everything that is due. */
final class ClockJumps {
  private static final Duration UNNOTICED = Duration.ofSeconds(5);

  private final Clock clock;
  private Instant latest = Instant.MIN;

  ClockJumps(Clock clock) {
    this.clock = clock;
  }

  /** Whether the clock was set back since the last call. */
  synchronized boolean wasSetBack() {
    Instant now = clock.instant();
    boolean back = latest.isAfter(now.plus(UNNOTICED));
    latest = back || now.isAfter(latest) ? now : latest;
    return back;
  }
}
