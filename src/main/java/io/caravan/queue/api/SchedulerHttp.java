package io.caravan.queue.api;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.job.Job;
import io.caravan.job.send.Scheduler;
import io.caravan.jsonl.Quote;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.flow.SchedulerView;
import java.time.ZoneId;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The scheduler over HTTP: what waits for its time, and stop, start and run now. */
@Component("schedulerHttp")
public class SchedulerHttp {
  private static final JsonMapper JSON = StrictJson.MAPPER;

  private final SchedulerView scheduler;
  private final ZoneId zone;

  SchedulerHttp(SchedulerView scheduler, ZoneId zone) {
    this.scheduler = scheduler;
    this.zone = zone;
  }

  /** Answers with the state, the schedules, and the caller's jobs that wait. */
  public void status(Exchange exchange) {
    Caller caller = QueueHttp.caller(exchange);
    ObjectNode view = JSON.createObjectNode();
    Scheduler.State state = scheduler.state();
    view.put("state", state.running() ? "running" : "stopped");
    view.put("stopped_at", text(state.stoppedAt())).put("started_at", text(state.startedAt()));
    view.put("zone", zone.getId());
    var schedules = view.putArray("schedules");
    scheduler
        .schedules()
        .forEach(it ->
            schedules
                .addObject()
                .put("kind", it.kind())
                .put("name", it.name())
                .put("schedule", it.times().toString())
                .put("next", it.next().toString()));
    var held = view.putArray("held");
    scheduler.held().stream()
        .filter(it -> caller.maySee(it.job().client()))
        .forEach(it -> {
          Job job = it.job();
          held.addObject()
              .put("job", job.id())
              .put("name", job.label())
              .put("pipeline", job.pipeline())
              .put("provider", job.provider())
              .put("requests", job.counts().requests())
              .put("priority", job.timing().priority())
              .put("send_at", text(job.timing().sendAt()))
              .put("waits_for", it.reason());
        });
    QueueHttp.answer(exchange, 200, view);
  }

  private static @Nullable String text(@Nullable Object time) {
    return time == null ? null : time.toString();
  }

  /** Starts the scheduler. */
  public void start(Exchange exchange) {
    requireOperator(exchange);
    scheduler.start();
    status(exchange);
  }

  /** Stops the scheduler. */
  public void stop(Exchange exchange) {
    requireOperator(exchange);
    scheduler.stop();
    status(exchange);
  }

  /** Sends now what the schedule of a pipeline holds. */
  public void runNow(Exchange exchange) {
    requireOperator(exchange);
    String pipeline = QueueHttp.parameter(exchange, "pipeline");
    if (pipeline == null) {
      throw QueueProblem.invalid(
          "missing_parameter", "Name the pipeline: ?pipeline=default.", "pipeline");
    }
    if (!scheduler.knows(pipeline)) {
      throw QueueProblem.of(
          404, "unknown_pipeline", "There is no pipeline %s.".formatted(Quote.of(pipeline)));
    }
    ObjectNode answer = JSON.createObjectNode();
    var jobs = answer.putArray("jobs");
    scheduler.runNow(pipeline).forEach(jobs::add);
    QueueHttp.answer(exchange, 202, answer);
  }

  /** Clients share the scheduler, so none of them may change it. */
  private static void requireOperator(Exchange exchange) {
    Caller caller = QueueHttp.caller(exchange);
    if (!caller.operator() && !caller.client().isEmpty()) {
      throw QueueProblem.of(
          403,
          "operator_only",
          "Only an operator may do this: send CARAVAN_OPERATOR_TOKEN as \"Authorization: Bearer TOKEN\".");
    }
  }
}
