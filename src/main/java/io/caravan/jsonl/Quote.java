package io.caravan.jsonl;

import java.util.Locale;

/** Shows text that a user or provider gave, short and without control characters. */
public final class Quote {
  private static final int MAX = 80;

  private Quote() {}

  public static String of(String given) {
    return '"' + plain(given, MAX) + '"';
  }

  /** A number with a comma before each three digits, in every country. */
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
          Character.FORMAT, // among them the marks that turn the direction of writing
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
