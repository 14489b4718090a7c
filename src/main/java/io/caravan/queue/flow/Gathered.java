package io.caravan.queue.flow;

import io.caravan.queue.Queue;
import io.caravan.queue.RequestGroup;
import io.caravan.queue.Waiting;
import io.caravan.queue.store.QueueJobs;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The queued requests of one group, by job type and priority. */
public record Gathered(RequestGroup group, List<Waiting> counts) {
  /** Joins the counts of each group. */
  static List<Gathered> of(List<Waiting> counts) {
    var groups = new LinkedHashMap<RequestGroup, List<Waiting>>();
    counts.forEach(it -> groups.computeIfAbsent(it.group(), key -> new ArrayList<>()).add(it));
    return groups.entrySet().stream().map(it -> new Gathered(it.getKey(), it.getValue())).toList();
  }

  /** How many. */
  public long requests() {
    return counts.stream().mapToLong(Waiting::requests).sum();
  }

  /** Bytes of their lines. */
  public long bytes() {
    return counts.stream().mapToLong(Waiting::bytes).sum();
  }

  /** Their estimated prompt tokens. */
  public long tokens() {
    return counts.stream().mapToLong(Waiting::tokens).sum();
  }

  Optional<Instant> oldest(QueueJobs jobs) {
    Stream<Integer> priorities = counts.stream().map(Waiting::priority).distinct();
    return priorities
        .map(priority -> jobs.oldest(group, priority).orElse(null))
        .filter(Objects::nonNull)
        .min(Instant::compareTo);
  }

  /**
   * Whether a limit of the queue is reached.
   *
   * @param oldest is asked only if it matters
   */
  boolean isDue(Queue queue, Instant now, ZoneId zone, Supplier<Optional<Instant>> oldest) {
    return requests() >= queue.getMaxRequests()
        || bytes() >= queue.maxBytes().toBytes()
        || tokens() >= queue.getMaxTokens()
        || oldest.get().filter(it -> !queue.due(it, zone).isAfter(now)).isPresent();
  }
}
