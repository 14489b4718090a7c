package io.caravan.jsonl.split;

import io.caravan.jsonl.ByteScan;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.StrictJson;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.jsonl.tokens.RequestText;
import io.caravan.jsonl.tokens.RequestText.Media;
import io.caravan.jsonl.tokens.TokenEstimate;
import io.caravan.jsonl.tokens.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.ToLongFunction;

/**
 * A sample of the requests of a part, to compare a tokenizer's count with the estimate.
 *
 * @param counted text tokens by the tokenizer
 * @param estimated {@link Tokens#text()} of the same requests
 */
public record TokenSample(long counted, long estimated) {
  /** Samples the first of every {@code every} requests. */
  public static TokenSample of(
      PartFile part, int every, MediaTokens media, ToLongFunction<String> tokenizer)
      throws IOException {
    var estimate = new TokenEstimate(media);
    var counting = new Counting(tokenizer);
    long estimated = 0;
    try (LineReader lines = PartLines.open(part.file())) {
      while (lines.next()) {
        if ((lines.number() - 1) % every == 0) {
          estimated += estimate.of(lines).text();
          counting.add(lines);
        }
      }
    }
    return new TokenSample(counting.tokens, estimated);
  }

  private static final class Counting implements RequestText.Reader {
    private final ToLongFunction<String> tokenizer;
    private long tokens;
    private boolean conversation;

    Counting(ToLongFunction<String> tokenizer) {
      this.tokenizer = tokenizer;
    }

    void add(LineReader line) {
      conversation = false;
      RequestText.read(line.buffer(), line.start(), (int) line.length(), this);
      tokens += conversation ? TokenEstimate.CONVERSATION : 0;
    }

    @Override
    public int text(byte[] bytes, int from, int to) {
      int quote = ByteScan.quote(bytes, from, to);
      try {
        String text = StrictJson.MAPPER.readValue(bytes, from - 1, quote - from + 2, String.class);
        tokens += tokenizer.applyAsLong(text);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return quote;
    }

    @Override
    public void media(Media kind, int count) {}

    @Override
    public void message() {
      tokens += TokenEstimate.MESSAGE;
      conversation = true;
    }

    @Override
    public void number() {
      tokens++;
    }
  }
}
