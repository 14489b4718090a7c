package io.caravan.operator;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.caravan.job.source.Untaken;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A summary of all jobs.
 *
 * @param replicas hosts and process ids of the running replicas
 * @param counts the number of jobs by status
 * @param parked ids of parked jobs
 * @param undelivered ids of jobs whose outputs could not be delivered yet
 * @param notTaken files in inboxes that are not accepted, at most a hundred
 * @param schedulerStoppedAt since when jobs with a schedule are held by an operator; null if the
 *     scheduler is running
 * @param jobs the latest jobs, newest first
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Overview(
    List<String> replicas,
    Map<String, Long> counts,
    List<String> parked,
    List<String> undelivered,
    List<Untaken> notTaken,
    @Nullable Instant schedulerStoppedAt,
    List<JobView> jobs) {

  /** The overview of an empty store. */
  public static Overview empty() {
    return new Overview(List.of(), Map.of(), List.of(), List.of(), List.of(), null, List.of());
  }
}
