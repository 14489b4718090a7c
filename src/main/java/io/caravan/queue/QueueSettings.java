package io.caravan.queue;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import java.util.Set;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The limits of all queues.
 *
 * @param maxRequestSize of one request
 * @param maxBulkSize of the body of one bulk call
 * @param maxBulkRequests the most requests in one bulk call
 * @param maxRequests the most queued requests of all clients
 * @param maxRequestsPerClient the most queued requests of one client
 * @param retention how long an answer is kept
 * @param callbackHosts hosts of callbacks that may have private addresses
 */
@Validated
@ConfigurationProperties(prefix = "caravan.queue", ignoreUnknownFields = false)
public record QueueSettings(
    @NotNull DataSize maxRequestSize,
    @NotNull DataSize maxBulkSize,
    @Positive long maxBulkRequests,
    @Positive long maxRequests,
    @Positive long maxRequestsPerClient,
    @NotNull @DurationMin(hours = 1) Duration retention,
    @DefaultValue Set<String> callbackHosts) {
  /** How long an idempotency key is kept. */
  public Duration keyRetention() {
    return retention.compareTo(Duration.ofDays(1)) < 0 ? Duration.ofDays(1) : retention;
  }
}
