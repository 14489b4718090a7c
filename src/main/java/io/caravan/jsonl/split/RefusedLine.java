package io.caravan.jsonl.split;

import io.caravan.jsonl.LineProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line that failed validation, with all of its problems.
 *
 * @param line number, starting at 1; blank lines count
 * @param customId null if the line has no usable one
 */
public record RefusedLine(long line, @Nullable String customId, List<LineProblem> problems) {
  public RefusedLine {
    problems = List.copyOf(problems);
  }
}
