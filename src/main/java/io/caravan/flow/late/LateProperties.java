package io.caravan.flow.late;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * When batches count as stuck and jobs as at risk, and what happens then.
 *
 * @param look how often to look for them
 * @param turnaround the assumed time of a batch at a provider of which none has ended
 * @param riskBuffer a job is at risk if its answers are expected less than this before its deadline
 * @param validating a batch that is validating for longer
 * @param noProgress a running batch whose counts have not changed for longer
 * @param cancelling a batch that is cancelling for longer; nothing but waiting is safe
 * @param nearEnd a batch that its provider will drop, with all its answers, sooner than that
 */
@Validated
@ConfigurationProperties(prefix = "caravan.late", ignoreUnknownFields = false)
public record LateProperties(
    @NotNull @DurationMin(millis = 100) Duration look,
    @NotNull Duration turnaround,
    @NotNull Duration riskBuffer,
    @NotNull @Valid Rule validating,
    @NotNull @Valid Rule noProgress,
    @NotNull @Valid Rule cancelling,
    @NotNull @Valid Rule nearEnd) {

  /** What to do with a batch that is stuck. */
  public enum Action {
    /** Warn only. */
    WAIT,
    /** Cancel it, and send what it leaves in another batch. */
    RESEND,
    /** Cancel it, and send what it leaves one by one, if its pipeline falls back when stuck. */
    FALL_BACK
  }

  /**
   * A rule.
   *
   * @param time after which it applies, or how long before the end
   * @param action what happens then
   */
  public record Rule(@NotNull @DurationMin(seconds = 1) Duration time, @NotNull Action action) {}
}
