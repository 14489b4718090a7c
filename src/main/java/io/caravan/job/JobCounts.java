package io.caravan.job;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The requests of a job and what became of them.
 *
 * @param requests lines of the file, valid or not
 * @param results requests with a result
 * @param errors requests without one
 * @param inputTokens tokens that the provider counted in prompts
 * @param outputTokens tokens that the provider counted in answers
 */
@RecordBuilder
public record JobCounts(
    long requests, long results, long errors, long inputTokens, long outputTokens)
    implements JobCountsBuilder.With {
  /** Nothing is known yet. */
  public static final JobCounts NONE = new JobCounts(0, 0, 0, 0, 0);
}
