package io.caravan.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Makes a job of a file. */
@FunctionalInterface
interface Sender {
  /**
   * The job, maybe an earlier one.
   *
   * @param again whether to pay for content that was carried through before
   */
  Sent send(Path file, boolean again) throws IOException;

  /**
   * What became of a file.
   *
   * @param own the job of the file itself
   * @param earlier the job that had the same content before, and stands for it
   */
  record Sent(String own, @Nullable String earlier) {
    String job() {
      return earlier == null ? own : earlier;
    }
  }
}
