package io.caravan.server.settings;

import java.time.Clock;
import java.time.LocalTime;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * How much of a backend batches may use; the rest is left to requests that somebody waits for.
 *
 * @param most from 0 to 1; while more than 0, batches get at least one room
 * @param quietHours when batches may use all of it
 */
public record BatchShare(double most, @Nullable QuietHours quietHours, Clock clock) {

  public int of(int concurrency) {
    if (quietHours != null
        && quietHours.cover(LocalTime.now(clock.withZone(ZoneId.systemDefault())))) {
      return concurrency;
    }
    return most == 0 ? 0 : Math.min(concurrency, Math.max(1, (int) (concurrency * most)));
  }
}
