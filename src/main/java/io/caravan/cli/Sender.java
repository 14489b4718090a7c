package io.caravan.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Sends a file to a pipeline. */
@FunctionalInterface
interface Sender {
  /**
   * Creates a job for a file, or finds an earlier one.
   *
   * @param again whether to send and pay for content of an earlier job again
   */
  Sent send(Path file, boolean again) throws IOException;

  /**
   * The job of a file.
   *
   * @param own the job of the file itself
   * @param earlier the earlier job with the same content, used in its place
   */
  record Sent(String own, @Nullable String earlier) {
    String job() {
      return earlier == null ? own : earlier;
    }
  }
}
