package io.caravan.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan scheduler}: what a running service sends at which time. */
@Command(
    name = "scheduler",
    mixinStandardHelpOptions = true,
    description = "Shows, starts and stops the scheduler of a running service.")
final class SchedulerCommand implements Runnable {
  private static final String PATH = "/batch/scheduler";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Use scheduler status, start, stop or run-now PIPELINE.");
  }

  /** A command that prints the state of the scheduler. */
  abstract static class WithStatus extends QueueCommand.OfService {
    final int print(JsonNode status) {
      if (json) {
        return show(status);
      }
      say(
          "stopped".equals(status.path("state").asText())
              ? "stopped since %s: \"caravan scheduler start\" starts it"
                  .formatted(status.path("stopped_at").asText())
              : "running, time zone " + status.path("zone").asText());
      for (JsonNode each : status.path("schedules")) {
        say(
            "%s %s  %s, next %s"
                .formatted(
                    each.path("kind").asText(),
                    each.path("name").asText(),
                    each.path("schedule").asText(),
                    each.path("next").asText()));
      }
      for (JsonNode job : status.path("held")) {
        say(
            "job=%s %s pipeline=%s requests=%d priority=%d%n  %s"
                .formatted(
                    job.path("job").asText(),
                    job.path("name").asText(),
                    job.path("pipeline").asText(),
                    job.path("requests").asLong(),
                    job.path("priority").asInt(),
                    job.path("waits_for").asText()));
      }
      return 0;
    }

    static JsonNode send(ServiceCall service, String method, String path)
        throws IOException, InterruptedException {
      return service.send(method, PATH + path, "application/json", BodyPublishers.noBody());
    }
  }

  /** {@code caravan scheduler status}. */
  @Command(name = "status", description = "Shows the schedules and the jobs that wait for them.")
  static final class Status extends WithStatus {
    @Override
    int call(ServiceCall service) throws IOException, InterruptedException {
      return print(send(service, "GET", ""));
    }
  }

  /** {@code caravan scheduler start}. */
  @Command(
      name = "start",
      description = "Sends jobs at their scheduled times again, at once if these have passed.")
  static final class Start extends WithStatus {
    @Override
    int call(ServiceCall service) throws IOException, InterruptedException {
      return print(send(service, "POST", "/start"));
    }
  }

  /** {@code caravan scheduler stop}. */
  @Command(
      name = "stop",
      description =
          "Holds all jobs that have a schedule until the scheduler is started, also after a restart.")
  static final class Stop extends WithStatus {
    @Override
    int call(ServiceCall service) throws IOException, InterruptedException {
      return print(send(service, "POST", "/stop"));
    }
  }

  /** {@code caravan scheduler run-now}. */
  @Command(
      name = "run-now",
      description =
          "Sends what the schedule of a pipeline holds, and the requests in its queues, now.")
  static final class RunNow extends WithStatus {
    @Parameters(paramLabel = "PIPELINE", description = "The name of the pipeline.")
    private String pipeline = "";

    @Override
    int call(ServiceCall service) throws IOException, InterruptedException {
      JsonNode answer =
          send(
              service,
              "POST",
              "/run-now?pipeline=" + URLEncoder.encode(pipeline, StandardCharsets.UTF_8));
      if (json) {
        return show(answer);
      }
      if (answer.path("jobs").isEmpty()) {
        say("nothing waits in pipeline " + pipeline);
      }
      answer.path("jobs").forEach(job -> say("job=%s is sent now".formatted(job.asText())));
      return 0;
    }
  }
}
