package io.caravan.jsonl;

/**
 * Finds halves of surrogate pairs, as they are left where text was cut in the middle of an emoji:
 * JSON allows to write them, but providers reject all of a batch for one of them.
 */
public final class Surrogates {
  private static final int ESCAPE = 6; // a backslash, u and four digits

  private Surrogates() {}

  /** Whether an escape in a line of JSON is half of a pair and its other half is not beside it. */
  static boolean hasHalf(byte[] line, int start, int length) {
    int end = start + length;
    int at = ByteScan.backslash(line, start, end);
    while (at >= 0) {
      int unit = unit(line, at, end);
      int escape = unit < 0 ? 2 : ESCAPE; // another escape has two characters
      if (unit >= 0 && Character.isSurrogate((char) unit)) {
        boolean whole =
            Character.isHighSurrogate((char) unit)
                && Character.isLowSurrogate((char) Math.max(0, unit(line, at + ESCAPE, end)));
        if (!whole) {
          return true;
        }
        escape = 2 * ESCAPE;
      }
      at = ByteScan.backslash(line, Math.min(end, at + escape), end);
    }
    return false;
  }

  /** What an escape that begins there stands for; -1 when none does. */
  private static int unit(byte[] line, int at, int end) {
    if (at + ESCAPE > end || line[at] != '\\' || line[at + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = at + 2; i < at + ESCAPE; i++) {
      int digit = Character.digit(line[i], 16);
      if (digit < 0) {
        return -1;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }

  /** Whether a text has half of a pair whose other half is not beside it. */
  public static boolean hasHalf(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.isBmpCodePoint(text.codePointAt(i))) {
          return true;
        }
        i++;
      }
    }
    return false;
  }
}
