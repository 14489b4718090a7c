package io.caravan.job;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a job may be sent, by when it is needed, and how urgent it is.
 *
 * @param sendAt when its schedule lets it be sent; null for at once
 * @param sendSchedule that schedule; null if there is none
 * @param deadlineAt when its results are needed; null if that was not said
 * @param priority 1 to 10, the most urgent
 */
@RecordBuilder
public record Timing(
    @Nullable Instant sendAt,
    @Nullable String sendSchedule,
    @Nullable Instant deadlineAt,
    int priority)
    implements TimingBuilder.With {
  /** The priority of jobs that have none of their own. */
  public static final int USUAL_PRIORITY = 5;

  /** The most urgent. */
  public static final int HIGHEST_PRIORITY = 10;

  /** At once, without a deadline. */
  public static final Timing NOW = new Timing(null, null, null, USUAL_PRIORITY);
}
