package io.caravan.jsonl.split;

import java.nio.file.Path;

/** The outcome of accepting a file. */
public sealed interface Intake {
  /**
   * The plain content is on disk.
   *
   * @param bytes size of the plain content
   * @param sha256 of the plain content, in hexadecimal
   * @param rawBytes size of the content as received
   * @param rawSha256 of the content as received, in hexadecimal
   */
  record Accepted(Path file, long bytes, String sha256, long rawBytes, String rawSha256)
      implements Intake {}

  /**
   * The content cannot be used, and nothing was kept.
   *
   * @param message the problem and what to do, without file name
   */
  record Refused(String code, String message) implements Intake {}
}
