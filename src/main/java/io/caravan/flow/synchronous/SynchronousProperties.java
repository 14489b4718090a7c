package io.caravan.flow.synchronous;

import io.caravan.call.CallSettings;
import io.caravan.call.RetryDelay;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.time.Clock;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * How requests are sent one by one.
 *
 * @param minConcurrency the minimum of requests in flight at a provider and tier
 * @param maxConcurrency the maximum
 * @param latencyTolerance the multiple of the best answer time above which concurrency is reduced
 * @param connectTimeout the time limit for opening a connection
 * @param flexTimeout the time limit of a call in the flex tier
 * @param standardTimeout the time limit of other calls
 * @param flexAttempts how often a request is sent to a flex tier without free capacity
 * @param initialBackoff the first wait before a request is sent again
 * @param maxBackoff the maximum wait
 * @param patience how long a provider may answer no request before the rest is given up
 * @param outputTokens the assumed tokens of an answer to a request that sets no limit
 */
@Validated
@ConfigurationProperties(prefix = "caravan.synchronous", ignoreUnknownFields = false)
public record SynchronousProperties(
    @Positive int minConcurrency,
    @Positive int maxConcurrency,
    @DecimalMin("1") double latencyTolerance,
    @NotNull @DurationMin(millis = 1) Duration connectTimeout,
    @NotNull @DurationMin(millis = 1) Duration flexTimeout,
    @NotNull @DurationMin(millis = 1) Duration standardTimeout,
    @Positive int flexAttempts,
    @NotNull Duration initialBackoff,
    @NotNull Duration maxBackoff,
    @NotNull Duration patience,
    @Positive int outputTokens) {

  /** One attempt a call: each attempt needs its own money. */
  CallSettings calls(Tier tier) {
    return new CallSettings(
        latencyTolerance,
        connectTimeout,
        tier == Tier.FLEX ? flexTimeout : standardTimeout,
        1,
        initialBackoff,
        maxBackoff,
        Duration.ZERO);
  }

  RetryDelay delay(Clock clock) {
    return new RetryDelay(initialBackoff, maxBackoff, clock);
  }
}
