package io.caravan.jsonl.split;

import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.RequestMembers;
import java.io.IOException;
import java.util.List;

/** Validates a single request, with the rules for a line of a file. */
public final class LineValidator {
  private final ValidationRules rules;
  private final RequestCheck check;

  /**
   * @param limits lower the rules, so that the request fits into a part
   */
  public LineValidator(ValidationRules rules, PartLimits limits) {
    this.rules = rules.within(limits);
    this.check = new RequestCheck(this.rules);
  }

  /** All problems of a line; empty if it is valid. */
  public List<LineProblem> problems(byte[] line) throws IOException {
    if (line.length > rules.maxLineBytes()) {
      return List.of(LineProblem.tooLong("request", line.length, rules.maxLineBytes()));
    }
    List<LineProblem> problems = check.problems(RequestMembers.read(line, 0, line.length));
    LineProblem further = problems.isEmpty() ? rules.further().problem(line, 0, line.length) : null;
    return further == null ? problems : List.of(further);
  }
}
