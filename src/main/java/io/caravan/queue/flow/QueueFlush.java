package io.caravan.queue.flow;

import io.caravan.flow.Backoff;
import io.caravan.flow.Reasons;
import io.caravan.flow.inbox.NewJob;
import io.caravan.job.JobStore;
import io.caravan.job.send.Scheduler;
import io.caravan.queue.Queue;
import io.caravan.queue.QueueJob;
import io.caravan.queue.RequestGroup;
import io.caravan.queue.store.QueueJobs;
import io.caravan.time.SendTimes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Makes jobs of queued requests. */
@Component("queueFlush")
public class QueueFlush {
  /** The property with the job that a route stores. */
  public static final String JOB = "queueJob";

  private static final Logger LOG = LoggerFactory.getLogger(QueueFlush.class);
  private static final long SHORTEST_MILLIS = 250;
  private static final long LONGEST_MILLIS = 5000;

  /** A turn takes at most about this share of the time. */
  private static final long SHARE = 10;

  private static final int MOST_RESUMED = 10;
  private static final Backoff RETRY = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), 2);

  private final Queues queues;
  private final QueueJobs jobs;
  private final JobStore store;
  private final ProducerTemplate routes;
  private final Scheduler scheduler;
  private final Clock clock;
  private final ZoneId zone;
  private volatile long turnMillis;

  QueueFlush(
      Queues queues,
      QueueJobs jobs,
      JobStore store,
      ProducerTemplate routes,
      Scheduler scheduler,
      Clock clock,
      ZoneId zone) {
    this.queues = queues;
    this.jobs = jobs;
    this.store = store;
    this.routes = routes;
    this.scheduler = scheduler;
    this.clock = clock;
    this.zone = zone;
  }

  /** Time until the next look at the queues. */
  public long millisUntilNextTurn() {
    return Math.clamp(turnMillis * SHARE, SHORTEST_MILLIS, LONGEST_MILLIS);
  }

  /** Takes the requests of queues that reached a limit, and jobs that were left unfinished. */
  public List<QueueJob> takeDue() {
    long began = System.nanoTime();
    var due = new ArrayList<QueueJob>();
    Optional<QueueJob> left = jobs.claimToAccept();
    while (left.isPresent()) {
      due.add(left.get());
      left = due.size() < MOST_RESUMED ? jobs.claimToAccept() : Optional.empty();
    }
    if (!due.isEmpty() || queues.all().isEmpty()) {
      return due; // pipelines are loaded soon after the start
    }
    for (Gathered gathered : Gathered.of(jobs.waiting())) {
      Queue queue = queues.of(gathered.group());
      if (gathered.isDue(queue, clock.instant(), zone, () -> gathered.oldest(jobs))) {
        jobs.take(gathered.group(), null, queue.getMaxRequests(), queue.getPipeline(), false)
            .ifPresent(due::add);
      }
    }
    turnMillis = Duration.ofNanos(System.nanoTime() - began).toMillis();
    return due;
  }

  /**
   * Makes jobs of queued requests now.
   *
   * @param client whose requests; null for those of all clients
   * @param jobType only those; null for all
   * @param provider only those; null for all
   * @param most requests in all
   */
  public List<QueueJob> flush(
      @Nullable String client, @Nullable String jobType, @Nullable String provider, long most) {
    return flush(
        gathered ->
            (client == null || gathered.group().client().equals(client))
                && (provider == null || gathered.group().provider().equals(provider)),
        jobType,
        most);
  }

  /** Makes jobs of all requests in the queues of a pipeline now. */
  public List<QueueJob> flushPipeline(String pipeline) {
    return flush(
        gathered -> queues.of(gathered.group()).getPipeline().equals(pipeline),
        null,
        Long.MAX_VALUE);
  }

  private List<QueueJob> flush(Predicate<Gathered> which, @Nullable String jobType, long most) {
    var made = new ArrayList<QueueJob>();
    long left = most;
    for (Gathered gathered : Gathered.of(jobs.waiting())) {
      RequestGroup group = gathered.group();
      if (which.test(gathered)) {
        Queue queue = queues.of(group);
        Optional<QueueJob> job;
        do {
          job =
              left == 0
                  ? Optional.empty()
                  : jobs.take(
                      group,
                      jobType,
                      Math.min(left, queue.getMaxRequests()),
                      queue.getPipeline(),
                      true);
          if (job.isPresent()) {
            made.add(job.get());
            left -= job.get().requests();
          }
        } while (job.isPresent());
      }
    }
    made.forEach(job -> scheduler.sendNow(job.id(), clock.instant()));
    made.forEach(job -> routes.sendBody("direct:queue-accept", job));
    return made;
  }

  /** Describes the job and opens its requests as the body of the message. */
  public void open(@Body QueueJob job, Exchange exchange) {
    exchange.setProperty(JOB, job);
    RequestGroup group = job.group();
    new NewJob(
            job.id(),
            job.pipeline(),
            group.provider(),
            group.client().isEmpty() ? null : group.client(),
            "queue-%s-%s.jsonl".formatted(group.queue(), job.id()),
            "queue " + group.queue(),
            "queue " + job.id(),
            sending(job))
        .describe(exchange.getMessage());
    exchange.getMessage().setBody(jobs.lines(job));
  }

  private NewJob.@Nullable Sending sending(QueueJob job) {
    Optional<SendTimes> times = queues.of(job.group()).sendTimes(zone);
    return jobs.span(job)
        .map(span ->
            new NewJob.Sending(
                times.map(it -> it.next(span.oldest())).orElse(null),
                times.map(SendTimes::toString).orElse(null),
                span.deadline(),
                span.priority()))
        .orElse(null);
  }

  /** Stores that the job exists. */
  public void accepted(@ExchangeProperty(JOB) QueueJob job) {
    if (store.job(job.id()).isEmpty()) {
      throw new IllegalStateException("job %s was not stored".formatted(job.id()));
    }
    jobs.accepted(job);
  }

  /** Retries the job later; its requests stay taken. */
  public void retryLater(
      @ExchangeProperty(JOB) QueueJob job,
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure) {
    Instant due = clock.instant().plus(RETRY.after(job.tries()));
    LOG.warn(
        "job={} of queue {} could not be stored, retry at {}: {}",
        job.id(),
        job.group().queue(),
        due,
        Reasons.of(failure));
    jobs.retryAt(job, due);
  }
}
