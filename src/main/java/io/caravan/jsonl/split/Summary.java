package io.caravan.jsonl.split;

import io.caravan.jsonl.convert.Converter;
import java.util.List;

/**
 * What validation found in a file as a whole.
 *
 * @param requests lines that are not blank: the good and the refused ones
 * @param refused lines that break the rules
 * @param problems why the file cannot be used, or not all of it; without file name
 * @param notes what is worth knowing and cost nothing
 */
public record Summary(long requests, long refused, List<String> problems, List<String> notes) {
  /** Of a file that has to be made into whole requests first; it was not read to its end. */
  static final Summary OF_SHORT_LINES = new Summary(-1, 0, List.of(), List.of());

  /** Whether a {@link Converter} has to see the file first: it holds short lines. */
  public boolean needsConversion() {
    return requests < 0;
  }

  public Summary {
    problems = List.copyOf(problems);
    notes = List.copyOf(notes);
  }

  /** Requests that keep to the rules. */
  public long good() {
    return requests - refused;
  }
}
