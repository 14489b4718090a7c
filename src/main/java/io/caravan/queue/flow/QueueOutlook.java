package io.caravan.queue.flow;

import io.caravan.job.QueueLimits;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.queue.Queue;
import io.caravan.queue.RequestGroup;
import io.caravan.queue.Waiting;
import io.caravan.queue.store.QueueJobs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What is queued, and why it waits. */
@Component
public class QueueOutlook {
  /** How long a provider's limit is believed that was learned from it. */
  private static final Duration BELIEVED = Duration.ofHours(1);

  private final Queues queues;
  private final QueueJobs jobs;
  private final QueueLimits limits;
  private final Providers providers;
  private final Clock clock;

  QueueOutlook(
      Queues queues, QueueJobs jobs, QueueLimits limits, Providers providers, Clock clock) {
    this.queues = queues;
    this.jobs = jobs;
    this.limits = limits;
    this.providers = providers;
    this.clock = clock;
  }

  /**
   * The queued requests of one group.
   *
   * @param oldest arrival
   * @param nextFlush when they become a job at the latest
   * @param reason why they wait, in words
   * @param room of prompt tokens at the provider; null if its limit is not known
   */
  public record Group(
      RequestGroup group,
      Queue queue,
      List<Waiting> counts,
      Instant oldest,
      Instant nextFlush,
      String reason,
      @Nullable Room room) {
    /** How many. */
    public long requests() {
      return counts.stream().mapToLong(Waiting::requests).sum();
    }

    /** Their bytes. */
    public long bytes() {
      return counts.stream().mapToLong(Waiting::bytes).sum();
    }

    /** Their estimated prompt tokens. */
    public long tokens() {
      return counts.stream().mapToLong(Waiting::tokens).sum();
    }
  }

  /**
   * Prompt tokens that may be queued at a provider for a model.
   *
   * @param reserved by batches that are there
   */
  public record Room(long limit, long reserved) {
    /** What is left. */
    public long headroom() {
      return Math.max(0, limit - reserved);
    }
  }

  /**
   * The groups of a client with queued requests.
   *
   * @param client null for those of all clients
   */
  public List<Group> groups(@Nullable String client) {
    Instant now = clock.instant();
    var groups = new ArrayList<Group>();
    for (Gathered gathered : Gathered.of(jobs.waiting())) {
      RequestGroup group = gathered.group();
      if (client == null || client.equals(group.client())) {
        Queue queue =
            queues.get(group.queue()).orElseGet(() -> queues.choose(group.provider()).queue());
        gathered.oldest(jobs).ifPresent(oldest -> groups.add(group(gathered, queue, oldest, now)));
      }
    }
    return groups;
  }

  private Group group(Gathered gathered, Queue queue, Instant oldest, Instant now) {
    boolean due = gathered.isDue(queue, now, jobs);
    Instant flush = due ? now : oldest.plus(queue.getMaxAge());
    String reason =
        due
            ? "a limit is reached: the requests are becoming a job"
            : "more requests: %d of %d, until %s at the latest"
                .formatted(gathered.requests(), queue.getMaxRequests(), flush);
    return new Group(
        gathered.group(),
        queue,
        gathered.counts(),
        oldest,
        flush,
        reason,
        room(gathered.group(), now));
  }

  private @Nullable Room room(RequestGroup group, Instant now) {
    OptionalLong limit = limits.limit(group.provider() + "/" + group.model(), now.minus(BELIEVED));
    Provider provider = providers.providers().get(group.provider());
    if (limit.isEmpty() && provider != null && provider.queueLimits().containsKey(group.model())) {
      limit = OptionalLong.of(provider.queueLimits().get(group.model()));
    }
    return limit.isEmpty()
        ? null
        : new Room(limit.getAsLong(), limits.inFlight(group.provider(), group.model()).at(1));
  }
}
