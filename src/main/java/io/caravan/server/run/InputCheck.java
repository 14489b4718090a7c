package io.caravan.server.run;

import io.caravan.server.settings.ServerSettings;
import io.caravan.server.store.BatchForm;
import io.caravan.server.store.BatchProblem;
import io.caravan.server.store.BatchProgress;
import io.caravan.server.wire.BoundedLineReader;
import io.caravan.server.wire.BoundedLineReader.Line;
import io.caravan.server.wire.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The validation of a whole input file; reports every bad line, up to 100 problems. */
final class InputCheck {
  private static final int MAX_PROBLEMS = 100;

  private final ServerSettings settings;
  private final List<BatchProblem> problems = new ArrayList<>();
  private final InputOrder.Builder order = new InputOrder.Builder();
  private final LineCheck lineCheck;
  private int total;

  private InputCheck(Endpoint endpoint, ServerSettings settings, Predicate<String> models) {
    this.settings = settings;
    this.lineCheck = new LineCheck(endpoint, models, problems::add);
  }

  /**
   * Validates the whole file.
   *
   * @param models the models that the owner may use
   */
  static Verdict check(
      Path input, BatchForm form, ServerSettings settings, Predicate<String> models)
      throws IOException, InterruptedException {
    var check = new InputCheck(form.endpoint(), settings, models);
    if (Files.exists(input)) {
      check.readAll(input);
    } else {
      check.problems.add(BatchProblem.noInput(form.inputFileId()));
    }
    return check.problems.isEmpty()
        ? new Valid(BatchProgress.start(check.lineCheck.model(), check.total), check.order.build())
        : new Refused(List.copyOf(check.problems));
  }

  private void readAll(Path input) throws IOException, InterruptedException {
    try (var lines = new BoundedLineReader(input, settings.maxLineBytes())) {
      Line line = lines.next();
      while (line != null && problems.size() < MAX_PROBLEMS) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (!line.blank()) {
          check(line);
        }
        line = total > settings.maxRequestsPerBatch() ? null : lines.next();
      }
    }
    if (total == 0) {
      report(null, "empty_file", "The input file has no requests.");
    }
  }

  private void check(Line line) {
    total++;
    if (total <= settings.maxRequestsPerBatch()) {
      order.add(line, lineCheck.check(line));
    } else {
      report(
          null,
          "too_many_requests",
          "The input file has more than %d requests. Split it."
              .formatted(settings.maxRequestsPerBatch()));
    }
  }

  private void report(@Nullable String param, String code, String message) {
    problems.add(new BatchProblem(code, message, param, null));
  }

  /** The result of a validation. */
  sealed interface Verdict {}

  /**
   * All lines are valid.
   *
   * @param order the execution order
   */
  record Valid(BatchProgress start, InputOrder order) implements Verdict {}

  /** The batch fails with these problems. */
  record Refused(List<BatchProblem> problems) implements Verdict {}
}
