package io.caravan.jsonl.split;

import java.util.List;
import java.util.stream.Stream;

/**
 * The result of validating a file.
 *
 * @param requests lines that are not blank, valid or refused
 * @param refused lines that failed validation
 * @param problems why the file cannot be used, or not completely; without file name
 * @param notes harmless findings
 */
public record Summary(long requests, long refused, List<String> problems, List<String> notes) {
  /** The summary of a file that needs conversion first; it was not read to its end. */
  static final Summary OF_SHORT_LINES = new Summary(-1, 0, List.of(), List.of());

  /** Whether the file has short lines and needs conversion first. */
  public boolean needsConversion() {
    return requests < 0;
  }

  public Summary {
    problems = List.copyOf(problems);
    notes = List.copyOf(notes);
  }

  /** Puts earlier notes before its own. */
  Summary after(List<String> earlier) {
    return new Summary(
        requests, refused, problems, Stream.concat(earlier.stream(), notes.stream()).toList());
  }
}
