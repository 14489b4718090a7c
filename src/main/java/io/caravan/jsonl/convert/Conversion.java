package io.caravan.jsonl.convert;

import java.util.List;

/** What became of a file that was to be made into whole requests. */
public sealed interface Conversion {
  /**
   * Each line of the new file stands where its row stood in the input.
   *
   * @param notes what was changed to fit models
   */
  record Converted(List<String> notes) implements Conversion {}

  /**
   * Nothing can be made of the file.
   *
   * @param problem what is wrong and what to do, without file name
   */
  record Refused(String problem) implements Conversion {}
}
