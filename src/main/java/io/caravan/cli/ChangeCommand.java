package io.caravan.cli;

import io.caravan.operator.Operator;
import io.caravan.operator.Outcome;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A verb that changes what becomes of one job. */
@Command(
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it happens",
      "1:there is no such job, or it stands where this cannot be done",
      "2:wrong usage"
    })
abstract class ChangeCommand extends OperatorCommand {
  @Parameters(
      paramLabel = "JOB",
      description =
          "The job's id, or a beginning that no other job has; \"caravan status\" lists them.")
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
        "Ends a job early, also while a service works on it.",
        "What was not sent is not sent, batches are cancelled at their provider, finished requests"
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
        "Sets a job going again, also while a service runs.",
        "A parked job goes on where it stood. Of a finished job the failed requests become a new"
            + " job, once: while that one works or when it has brought results, it is named"
            + " instead. A job that is under way is tried now."
      })
  static final class Retry extends ChangeCommand {
    @Override
    Outcome change(Operator operator, String id) throws IOException {
      return operator.retry(id);
    }
  }
}
