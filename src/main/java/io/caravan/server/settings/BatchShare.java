package io.caravan.server.settings;

import java.time.Clock;
import java.time.LocalTime;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * The share of a backend that batches may use; the rest is reserved for interactive requests.
 *
 * @param most from 0 to 1; above 0, batches get at least one slot
 * @param quietHours when batches may use all slots
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
