package io.caravan.queue.flow;

import io.caravan.flow.Pipelines;
import io.caravan.flow.step.SendHold;
import io.caravan.job.Job;
import io.caravan.job.JobStore;
import io.caravan.job.send.Scheduler;
import io.caravan.queue.QueueJob;
import io.caravan.time.SendTimes;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** The schedules of pipelines and queues, what waits for them, and how to send it now. */
@Component
public class SchedulerView {
  private static final int MOST = 1000;

  private final Scheduler scheduler;
  private final JobStore store;
  private final SendHold hold;
  private final Pipelines pipelines;
  private final Queues queues;
  private final QueueFlush flush;
  private final Clock clock;
  private final ZoneId zone;

  SchedulerView(
      Scheduler scheduler,
      JobStore store,
      SendHold hold,
      Pipelines pipelines,
      Queues queues,
      QueueFlush flush,
      Clock clock,
      ZoneId zone) {
    this.scheduler = scheduler;
    this.store = store;
    this.hold = hold;
    this.pipelines = pipelines;
    this.queues = queues;
    this.flush = flush;
    this.clock = clock;
    this.zone = zone;
  }

  /**
   * A schedule.
   *
   * @param kind {@code pipeline} or {@code queue}
   * @param next when it next lets something be sent
   */
  public record Planned(String kind, String name, SendTimes times, Instant next) {}

  /** A job that a schedule holds, and until when. */
  public record Held(Job job, Instant until, String reason) {}

  /** Whether scheduled jobs are sent. */
  public Scheduler.State state() {
    return scheduler.state();
  }

  /** The schedules of all pipelines and queues. */
  public List<Planned> schedules() {
    Instant now = clock.instant();
    var planned = new ArrayList<Planned>();
    pipelines
        .all()
        .forEach((name, pipeline) -> add(planned, "pipeline", name, pipeline.sendTimes(zone), now));
    queues.all().forEach((name, queue) -> add(planned, "queue", name, queue.sendTimes(zone), now));
    return planned;
  }

  private static void add(
      List<Planned> planned, String kind, String name, Optional<SendTimes> times, Instant now) {
    times.ifPresent(it -> planned.add(new Planned(kind, name, it, it.next(now))));
  }

  /** The jobs that a schedule holds, the next first; at most a thousand. */
  public List<Held> held() {
    Scheduler.State state = scheduler.state();
    return scheduler.held(null, MOST).stream()
        .flatMap(id -> store.job(id).stream())
        .flatMap(
            job -> hold.of(job, state).map(it -> new Held(job, it.until(), it.reason())).stream())
        .toList();
  }

  /** Sends scheduled jobs at their times again, and at once those whose time has passed. */
  public void start() {
    scheduler.start(clock.instant());
  }

  /** Sends no scheduled jobs any more. */
  public void stop() {
    scheduler.stop(clock.instant());
  }

  /**
   * Sends what a pipeline's schedule holds, and the queued requests of its queues.
   *
   * @return the ids of the jobs
   */
  public List<String> runNow(String pipeline) {
    Instant now = clock.instant();
    List<String> held = scheduler.held(pipeline, Integer.MAX_VALUE);
    held.forEach(id -> scheduler.sendNow(id, now));
    return Stream.concat(held.stream(), flush.flushPipeline(pipeline).stream().map(QueueJob::id))
        .toList();
  }

  /** Whether there is such a pipeline. */
  public boolean knows(String pipeline) {
    return pipelines.all().containsKey(pipeline);
  }
}
