package io.caravan.jsonl.split;

import java.nio.file.Path;

/** What became of a file that was to be accepted. */
public sealed interface Intake {
  /**
   * The plain content is on disk.
   *
   * @param bytes of the plain content
   * @param sha256 of the plain content, in hexadecimal
   * @param rawBytes as they came
   * @param rawSha256 of the bytes as they came, in hexadecimal
   */
  record Accepted(Path file, long bytes, String sha256, long rawBytes, String rawSha256)
      implements Intake {}

  /**
   * The content cannot be used, and nothing was kept.
   *
   * @param message what is wrong and what to do, without file name
   */
  record Refused(String code, String message) implements Intake {}
}
