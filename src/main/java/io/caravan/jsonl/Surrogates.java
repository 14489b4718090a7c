package io.caravan.jsonl;

/**
 * Finds unpaired surrogates, such as half of an emoji in truncated text: JSON can express them, but
 * providers reject the whole batch for one of them.
 */
public final class Surrogates {
  private static final int ESCAPE = 6; // a backslash, u and four digits

  private Surrogates() {}

  /** Whether a line of JSON has an escaped surrogate without its other half next to it. */
  static boolean hasHalf(byte[] line, int start, int length) {
    int end = start + length;
    int at = ByteScan.backslash(line, start, end);
    while (at >= 0) {
      int unit = unit(line, at, end);
      int escape = unit < 0 ? 2 : ESCAPE; // other escapes have two characters
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

  /** The UTF-16 unit of the escape at {@code at}; -1 if there is none. */
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

  /** Whether a text has a surrogate without its other half next to it. */
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
