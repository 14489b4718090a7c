package io.caravan.queue.flow;

import io.caravan.flow.step.Admission;
import io.caravan.flow.step.SendHold;
import io.caravan.job.Part;
import io.caravan.job.send.QueueLimits;
import io.caravan.job.send.TokenRates;
import io.caravan.queue.Queue;
import io.caravan.queue.RequestGroup;
import io.caravan.queue.store.QueueJobs;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What is queued, and why it waits. */
@Component
public class QueueOutlook {
  private final Queues queues;
  private final QueueJobs jobs;
  private final QueueLimits limits;
  private final Admission admission;
  private final TokenRates rates;
  private final Clock clock;
  private final ZoneId zone;

  QueueOutlook(
      Queues queues,
      QueueJobs jobs,
      QueueLimits limits,
      Admission admission,
      TokenRates rates,
      Clock clock,
      ZoneId zone) {
    this.queues = queues;
    this.jobs = jobs;
    this.limits = limits;
    this.admission = admission;
    this.rates = rates;
    this.clock = clock;
    this.zone = zone;
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
      Gathered gathered,
      Queue queue,
      Instant oldest,
      Instant nextFlush,
      String reason,
      @Nullable Room room) {}

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
        Queue queue = queues.of(group);
        gathered.oldest(jobs).ifPresent(oldest -> groups.add(group(gathered, queue, oldest, now)));
      }
    }
    return groups;
  }

  private Group group(Gathered gathered, Queue queue, Instant oldest, Instant now) {
    boolean due = gathered.isDue(queue, now, zone, () -> Optional.of(oldest));
    Instant flush = due ? now : queue.due(oldest, zone);
    String reason =
        due
            ? "a limit is reached: the requests are becoming a job"
            : queue
                .sendTimes(zone)
                .map(it ->
                    "scheduled for %s (schedule %s)".formatted(SendHold.text(flush, it.zone()), it))
                .orElseGet(() ->
                    "more requests: %d of %d, until %s at the latest"
                        .formatted(gathered.requests(), queue.getMaxRequests(), flush));
    return new Group(gathered, queue, oldest, flush, reason, room(gathered.group()));
  }

  private @Nullable Room room(RequestGroup group) {
    OptionalLong limit = admission.limit(group.provider(), group.model());
    return limit.isEmpty()
        ? null
        : new Room(
            limit.getAsLong(),
            limits
                .inFlight(group.provider(), group.model())
                .at(rates.of(Part.queue(group.provider(), group.model()))));
  }
}
