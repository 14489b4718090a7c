package io.caravan.operator;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.caravan.job.Untaken;
import java.util.List;
import java.util.Map;

/**
 * All jobs at a glance.
 *
 * @param replicas the hosts and process ids that work on jobs right now
 * @param counts how many jobs stand where
 * @param parked ids of the jobs that wait for an operator
 * @param undelivered ids of the jobs whose outputs their endpoints did not take so far
 * @param notTaken what lies in inboxes and is not taken, at most a hundred
 * @param jobs the latest, the newest first
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Overview(
    List<String> replicas,
    Map<String, Long> counts,
    List<String> parked,
    List<String> undelivered,
    List<Untaken> notTaken,
    List<JobView> jobs) {

  /** Of a store that nothing was ever put into. */
  public static Overview empty() {
    return new Overview(List.of(), Map.of(), List.of(), List.of(), List.of(), List.of());
  }
}
