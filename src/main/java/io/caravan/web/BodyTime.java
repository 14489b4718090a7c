package io.caravan.web;

import java.time.Duration;
import org.springframework.util.unit.DataSize;

/**
 * The time limit for reading a request body.
 *
 * @param grace time for any body, whatever its length
 * @param rate minimum bytes per second beyond that
 * @param largest bytes beyond this size add no time
 */
record BodyTime(Duration grace, DataSize rate, DataSize largest) {
  long nanos(long bytes) {
    long counted = Math.min(bytes, largest.toBytes());
    return grace.toNanos() + (long) (1e9 * counted / rate.toBytes());
  }
}
