package io.caravan.jsonl.split;

import io.caravan.jsonl.LineProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line that breaks the rules, with all of its problems.
 *
 * @param line its number, the first is 1; blank lines count
 * @param customId null when the line has none that could be used
 */
public record RefusedLine(long line, @Nullable String customId, List<LineProblem> problems) {
  public RefusedLine {
    problems = List.copyOf(problems);
  }
}
