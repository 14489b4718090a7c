package io.caravan.jsonl.convert;

import java.util.List;

/** The outcome of converting a file to whole requests. */
public sealed interface Conversion {
  /**
   * Each request is on the line of its row in the input.
   *
   * @param notes changes made to suit models
   */
  record Converted(List<String> notes) implements Conversion {}

  /**
   * The file cannot be converted.
   *
   * @param problem the problem and what to do, without file name
   */
  record Refused(String problem) implements Conversion {}
}
