package io.caravan.jsonl.tokens;

import io.caravan.jsonl.ByteScan;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Estimates the tokens of a text from the bytes of its JSON string, eight at a time: by words,
 * letters, other marks and non-ASCII characters. Long texts are sampled: one piece in four is
 * counted.
 *
 * <p>The weights are fitted to o200k_base on English, code, JSON, nine other European languages,
 * Greek, Russian, Chinese and Japanese, with equal weight.
 */
final class TextTokens {
  private static final double WORD = 0.88;
  private static final double LETTER = 0.058;
  private static final double MARK = 0.54;
  private static final double LINE = 1.2;
  private static final double TWO_BYTES = 0.27;
  private static final double HALF = 0.38;

  private static final int PIECE = 1 << 11;
  private static final int SKIPPED = 3 * PIECE;

  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final long LOWS = ~HIGHS;

  private long words;
  private long letters;
  private long marks;
  private long lines;
  private long narrow;

  /** Half characters: two per character of three or four bytes, one per escaped surrogate. */
  private long halves;

  /** The high bit is set if the previous byte belongs to a word. */
  private long before;

  private double tokens;

  /** Reads the text that starts at {@code from}; returns the offset of its closing quote. */
  int read(byte[] bytes, int from, int to) {
    words = letters = marks = lines = narrow = halves = before = 0;
    int skipped = 0;
    int at = piece(bytes, from, to, from + PIECE);
    while (at < to && bytes[at] != '"') {
      int next = skip(bytes, at, to);
      skipped += next - at;
      at = piece(bytes, next, to, next + PIECE);
    }
    double seen =
        WORD * words
            + LETTER * letters
            + MARK * marks
            + LINE * lines
            + TWO_BYTES * narrow
            + HALF * halves;
    tokens = skipped == 0 ? seen : seen * (at - from) / (at - from - skipped);
    return Math.min(at, to);
  }

  /** The estimate for the text that was read last. */
  double tokens() {
    return tokens;
  }

  /** Counts up to the end of the text, or a few bytes past the limit. */
  private int piece(byte[] bytes, int from, int to, int limit) {
    int at = from;
    while (at < to && at < limit) {
      at = plain(bytes, at, Math.min(to, Math.max(limit, at + 8)));
      if (at < to && bytes[at] == '\\') {
        at = escape(bytes, at, to);
      } else if (at < to && bytes[at] == '"') {
        return at;
      }
    }
    return at;
  }

  /** Skips bytes, never stopping between a backslash and the escaped character. */
  private static int skip(byte[] bytes, int from, int to) {
    int limit = Math.min(to, from + SKIPPED);
    int end = ByteScan.quote(bytes, from, limit);
    while (end == limit && end > from && bytes[end - 1] == '\\') {
      limit = --end;
    }
    return end;
  }

  /** Counts up to the next quote or backslash. */
  private int plain(byte[] bytes, int from, int to) {
    long wordsHere = 0;
    long lettersHere = 0;
    long marksHere = 0;
    long last = before;
    int at = from;
    while (at < to) {
      long eight = at <= to - 8 ? (long) EIGHT.get(bytes, at) : rest(bytes, at, to);
      long special = has(eight, '"') | has(eight, '\\');
      long here = special == 0 ? HIGHS : ((special & -special) - 1) & HIGHS;
      long small = (eight | 0x20 * ONES) & LOWS;
      long letter = (small + (0x80 - 'a') * ONES) & ~(small + (0x7f - 'z') * ONES) & ~eight & here;
      long high = eight & here;
      long mark = ((eight & LOWS) + (0x7f - ' ') * ONES) & ~eight & ~letter & here;
      long word = letter | high;
      wordsHere += Long.bitCount(letter & ~(word << 8 | last));
      lettersHere += Long.bitCount(letter);
      marksHere += Long.bitCount(mark);
      if (high != 0) {
        long lead = high & eight << 1;
        halves += 2L * Long.bitCount(lead & eight << 2);
        narrow += Long.bitCount(lead & ~(eight << 2));
      }
      if (special != 0) {
        at += Long.numberOfTrailingZeros(special) >>> 3;
        break;
      }
      last = word >>> 56;
      at += 8;
    }
    before = last;
    words += wordsHere;
    letters += lettersHere;
    marks += marksHere;
    return Math.min(at, to);
  }

  private static long has(long eight, char wanted) {
    long zero = eight ^ (wanted * ONES);
    return (zero - ONES) & ~zero & HIGHS;
  }

  /** The last bytes, followed by a quote. */
  private static long rest(byte[] bytes, int at, int to) {
    long eight = '"';
    for (int i = to - 1; i >= at; i--) {
      eight = eight << 8 | (bytes[i] & 0xff);
    }
    return eight;
  }

  private int escape(byte[] bytes, int at, int to) {
    int kind = at + 1 < to ? bytes[at + 1] : 0;
    before = 0;
    switch (kind) {
      case 'u' -> {
        unicode(bytes, at + 2, to);
        return at + 6;
      }
      case 'n', 'r', 't', 'f', 'b' -> lines++;
      default -> marks++;
    }
    return at + 2;
  }

  private void unicode(byte[] bytes, int from, int to) {
    int unit = 0;
    for (int i = from; i < Math.min(from + 4, to); i++) {
      unit = unit << 4 | (Character.digit(bytes[i], 16) & 0xf);
    }
    if (unit < 0x80) {
      marks++;
      return;
    }
    before = 0x80;
    if (unit < 0x800) {
      narrow++;
    } else {
      halves += unit >= 0xd800 && unit < 0xe000 ? 1 : 2;
    }
  }
}
