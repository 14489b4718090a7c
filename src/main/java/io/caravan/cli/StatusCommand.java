package io.caravan.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.caravan.operator.JobView;
import io.caravan.operator.Operator;
import io.caravan.operator.Overview;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code caravan status}: shows the latest jobs, or one job. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the latest jobs and what they wait for, or one job with its parts.",
      "Works with or without a running service."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:shown", "1:there is no such job", "2:wrong usage"})
final class StatusCommand extends OperatorCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "JOB",
      description = "A job's id, or a unique prefix of it.")
  private @Nullable String job;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "How many jobs to show; default: ${DEFAULT-VALUE}.")
  private int limit = 20;

  @Option(names = "--json", description = "Print JSON, like GET /caravan/jobs.")
  private boolean json;

  @Override
  int call(@Nullable Operator operator) throws IOException {
    if (limit < 1) {
      throw new ParameterException(spec.commandLine(), "--limit must be 1 or more.");
    }
    if (job != null) {
      Optional<JobView> found =
          whole(operator, job)
              .flatMap(id -> operator == null ? Optional.empty() : operator.job(id));
      found.ifPresent(view -> say(json ? json(view) : StatusText.of(view, Instant.now())));
      return found.isPresent() ? 0 : FAILED;
    }
    Overview overview = operator == null ? Overview.empty() : operator.overview(limit);
    say(json ? json(overview) : StatusText.of(overview, Instant.now()));
    return 0;
  }

  private static String json(Object value) {
    try {
      return JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build()
          .writerWithDefaultPrettyPrinter()
          .writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
