package io.caravan.web;

import java.time.Duration;
import org.springframework.util.unit.DataSize;

/**
 * How long a body may take.
 *
 * @param grace whatever its length
 * @param rate bytes that have to come in each second beyond that
 * @param largest more bytes earn no more time
 */
record BodyTime(Duration grace, DataSize rate, DataSize largest) {
  long nanos(long bytes) {
    long counted = Math.min(bytes, largest.toBytes());
    return grace.toNanos() + (long) (1e9 * counted / rate.toBytes());
  }
}
