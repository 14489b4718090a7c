package io.caravan.jsonl;

import java.util.Locale;

/** Formats text from users or providers for messages: short, without control characters. */
public final class Quote {
  private static final int MAX = 80;

  private Quote() {}

  public static String of(String given) {
    return '"' + plain(given, MAX) + '"';
  }

  /** A number with thousands separators, whatever the locale: {@code 1,000}. */
  public static String number(long given) {
    return String.format(Locale.ROOT, "%,d", given);
  }

  public static String plain(String given, int maximum) {
    StringBuilder shown = new StringBuilder();
    given
        .codePoints()
        .filter(Quote::isHarmless)
        .limit(maximum + 1L)
        .forEach(shown::appendCodePoint);
    if (shown.codePointCount(0, shown.length()) > maximum) {
      shown.setLength(shown.offsetByCodePoints(0, maximum - 1));
      shown.append('…');
    }
    return shown.toString();
  }

  private static boolean isHarmless(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT, // including bidirectional controls
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
