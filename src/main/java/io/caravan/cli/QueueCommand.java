package io.caravan.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan queue}: the queues of single requests of a running service. */
@Command(
    name = "queue",
    mixinStandardHelpOptions = true,
    description = "Shows and fills the queues of single requests of a running service.")
final class QueueCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Use queue status, queue add or queue process.");
  }

  /** A command that sends one call. */
  @Command(
      mixinStandardHelpOptions = true,
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {"0:done", "1:no service answers, or it rejects the call", "2:wrong usage"})
  abstract static class OfService implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Print the service's answer.")
    boolean json;

    /** Sends the call and prints its answer; returns the exit code. */
    abstract int call(ServiceCall service) throws IOException, InterruptedException;

    @Override
    public final Integer call() throws IOException, InterruptedException {
      try (ConfigurableApplicationContext settings = OperatorCommand.settings()) {
        return call(new ServiceCall(settings.getEnvironment()));
      }
    }

    final void say(String line) {
      spec.commandLine().getOut().println(line);
    }

    final int show(JsonNode answer) {
      say(answer.toPrettyString());
      return 0;
    }
  }

  /** {@code caravan queue status}. */
  @Command(name = "status", description = "Shows what is queued and why it waits.")
  static final class Status extends OfService {
    @Override
    int call(ServiceCall service) throws IOException, InterruptedException {
      JsonNode status =
          service.send("GET", "/batch/queue/status", "application/json", BodyPublishers.noBody());
      if (json) {
        return show(status);
      }
      say("%d queued requests".formatted(status.path("queued").asLong()));
      for (JsonNode group : status.path("groups")) {
        String client = group.path("client").asText();
        say(
            "%n%s  %s %s %s%s%n  requests %d, bytes %d, tokens %d, oldest %s%n  waits for %s"
                .formatted(
                    group.path("queue").asText(),
                    group.path("provider").asText(),
                    group.path("url").asText(),
                    group.path("model").asText(),
                    client.isEmpty() ? "" : " client " + client,
                    group.path("requests").asLong(),
                    group.path("bytes").asLong(),
                    group.path("tokens").asLong(),
                    group.path("oldest").asText(),
                    group.path("waits_for").asText()));
      }
      return 0;
    }
  }

  /** {@code caravan queue add}. */
  @Command(
      name = "add",
      description = {
        "Queues the requests of a file: a JSON array, or one request a line.",
        "A request has the members of POST /batch/queue, or those of a line of a batch file."
      })
  static final class Add extends OfService {
    @Parameters(paramLabel = "FILE", description = "The file.")
    private Path file = Path.of("");

    @Option(names = "--atomic", description = "Queue all requests or none.")
    private boolean atomic;

    @Override
    int call(ServiceCall service) throws IOException, InterruptedException {
      if (!Files.isRegularFile(file)) {
        throw new ParameterException(spec.commandLine(), "%s is not a file.".formatted(file));
      }
      JsonNode answer =
          service.send(
              "POST",
              "/batch/queue/bulk" + (atomic ? "?atomic=true" : ""),
              "application/x-ndjson",
              BodyPublishers.ofFile(file));
      if (json) {
        show(answer);
      } else {
        say(
            "%d requests queued, %d rejected"
                .formatted(answer.path("accepted").asLong(), answer.path("rejected").asLong()));
        for (JsonNode error : answer.path("errors")) {
          say(
              "%s line %d: %s"
                  .formatted(file, error.path("line").asLong(), error.path("message").asText()));
        }
      }
      return answer.path("rejected").asLong() == 0 ? 0 : 1;
    }
  }

  /** {@code caravan queue process}. */
  @Command(name = "process", description = "Makes jobs of queued requests now.")
  static final class Flush extends OfService {
    @Option(names = "--job-type", paramLabel = "TYPE", description = "Only requests of this type.")
    private @Nullable String jobType;

    @Option(names = "--provider", paramLabel = "NAME", description = "Only requests for it.")
    private @Nullable String provider;

    @Option(names = "--max", paramLabel = "N", description = "At most so many requests.")
    private @Nullable Long most;

    @Override
    int call(ServiceCall service) throws IOException, InterruptedException {
      ObjectNode order = new JsonMapper().createObjectNode();
      if (jobType != null) {
        order.put("job_type", jobType);
      }
      if (provider != null) {
        order.put("provider", provider);
      }
      if (most != null) {
        order.put("max_jobs", most);
      }
      BodyPublisher body = BodyPublishers.ofString(order.toString());
      JsonNode answer = service.send("POST", "/batch/process", "application/json", body);
      if (json) {
        return show(answer);
      }
      if (answer.path("jobs").isEmpty()) {
        say("no queued requests match");
      }
      for (JsonNode job : answer.path("jobs")) {
        say(
            "job=%s requests=%d provider=%s model=%s"
                .formatted(
                    job.path("id").asText(),
                    job.path("requests").asLong(),
                    job.path("provider").asText(),
                    job.path("model").asText()));
      }
      return 0;
    }
  }

  /** {@code caravan requests}. */
  @Command(
      name = "requests",
      description = "Shows a queued request of a running service, with its answer.")
  static final class Requests extends OfService {
    @Parameters(paramLabel = "ID", description = "The request's id, such as req_….")
    private String id = "";

    @Override
    int call(ServiceCall service) throws IOException, InterruptedException {
      if (!id.matches("[\\w-]+")) {
        throw new ParameterException(spec.commandLine(), "An id has only letters, digits and _.");
      }
      return show(
          service.send(
              "GET", "/batch/requests/" + id, "application/json", BodyPublishers.noBody()));
    }
  }
}
