package io.caravan.cli;

import io.caravan.operator.Operator;
import io.caravan.operator.Outcome;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A command that changes one job. */
@Command(
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such job, or its status does not allow this",
      "2:wrong usage"
    })
abstract class ChangeCommand extends OperatorCommand {
  @Parameters(
      paramLabel = "JOB",
      description = "The job's id, or a unique prefix of it; \"caravan status\" lists the jobs.")
  private String job = "";

  abstract Outcome change(Operator operator, String id) throws IOException;

  @Override
  int call(@Nullable Operator operator) throws IOException {
    Optional<String> id = whole(operator, job);
    if (operator == null || id.isEmpty()) {
      return FAILED;
    }
    return switch (change(operator, id.get())) {
      case Outcome.Done done -> {
        say(done.message());
        yield 0;
      }
      case Outcome.Refused refused -> fail(refused.message());
      case Outcome.Unknown unknown -> fail(unknown.message());
    };
  }

  /** {@code caravan cancel}. */
  @Command(
      name = "cancel",
      description = {
        "Cancels a job, even while a service works on it.",
        "Unsent requests are not sent, batches are cancelled at their provider, finished requests"
            + " are kept, and the others go to the errors."
      })
  static final class Cancel extends ChangeCommand {
    @Override
    Outcome change(Operator operator, String id) {
      return operator.cancel(id);
    }
  }

  /** {@code caravan retry}. */
  @Command(
      name = "retry",
      description = {
        "Retries a job, even while a service is running.",
        "A parked job resumes. The failed requests of a finished job are sent again as a new job,"
            + " only once: while that job is unfinished or if it has results, the command shows it"
            + " instead. The next step of an unfinished job runs now."
      })
  static final class Retry extends ChangeCommand {
    @Override
    Outcome change(Operator operator, String id) throws IOException {
      return operator.retry(id);
    }
  }
}
