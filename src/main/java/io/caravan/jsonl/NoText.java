package io.caravan.jsonl;

import org.jspecify.annotations.Nullable;

/** Detects bytes that cannot be sent as text. */
public final class NoText {
  private NoText() {}

  /**
   * Why the bytes cannot be used; null if they can.
   *
   * @param what what the bytes are, such as {@code row}
   */
  public static @Nullable LineProblem problem(String what, byte[] bytes, int start, int length) {
    if (!ByteScan.isUtf8(bytes, start, start + length)) {
      return notUtf8(what);
    }
    return ByteScan.zero(bytes, start, start + length) < 0
        ? null
        : new LineProblem(
            "invalid_character",
            "the %s holds a NUL character, which is not allowed in text. Save the file as UTF-8."
                .formatted(what),
            null);
  }

  static LineProblem notUtf8(String what) {
    return new LineProblem(
        "invalid_utf8",
        "the %s is not UTF-8. Save the file as UTF-8, or name its encoding in the pipeline, such as charset: windows-1252."
            .formatted(what),
        null);
  }
}
