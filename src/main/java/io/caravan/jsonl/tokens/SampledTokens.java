package io.caravan.jsonl.tokens;

import java.util.SplittableRandom;

/**
 * Estimates the tokens of many requests for one model: the first 1,000, all long ones and one in
 * eight of the rest; the others by their size. The same lines give the same figures.
 */
public final class SampledTokens {
  private static final int FIRST = 1_000;
  private static final int ONE_OF = 8;
  private static final int LONG = 1 << 14;

  /** Beyond this many bytes, all sums are halved: the content of a file may change midway. */
  private static final double REMEMBERED = 1 << 20;

  private final TokenEstimate estimate;
  private final SplittableRandom draw = new SplittableRandom(1);
  private long lines;
  private double bytes;
  private double text;
  private double media;

  public SampledTokens(MediaTokens figures) {
    this.estimate = new TokenEstimate(figures);
  }

  public Tokens of(byte[] buffer, int start, int length) {
    if (length > LONG) {
      return estimate.of(buffer, start, length);
    }
    if (lines++ < FIRST || draw.nextInt(ONE_OF) == 0) {
      Tokens tokens = estimate.of(buffer, start, length);
      remember(length, tokens);
      return tokens;
    }
    return new Tokens(Math.round(text / bytes * length), Math.round(media / bytes * length));
  }

  private void remember(int length, Tokens tokens) {
    if (bytes > REMEMBERED) {
      bytes /= 2;
      text /= 2;
      media /= 2;
    }
    bytes += length;
    text += tokens.text();
    media += tokens.media();
  }
}
