package io.caravan.jsonl.tokens;

import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.tokens.RequestText.Media;

/** Estimates the prompt tokens of requests in one pass over their bytes. */
public final class TokenEstimate implements RequestText.Reader {
  /** Additional tokens per message, and below per conversation (OpenAI's cookbook). */
  public static final int MESSAGE = 4;

  public static final int CONVERSATION = 3;

  private final MediaTokens figures;
  private final TextTokens texts = new TextTokens();
  private double text;
  private long media;
  private boolean conversation;

  public TokenEstimate(MediaTokens figures) {
    this.figures = figures;
  }

  /** Estimates a request line. */
  public Tokens of(byte[] bytes, int start, int length) {
    text = 0;
    media = 0;
    conversation = false;
    RequestText.read(bytes, start, length, this);
    return new Tokens(
        (long) Math.ceil(text) + (conversation ? CONVERSATION : 0), Math.max(0, media));
  }

  /** Estimates the current line. */
  public Tokens of(LineReader lines) {
    return of(lines.buffer(), lines.start(), (int) lines.length());
  }

  @Override
  public int text(byte[] bytes, int from, int to) {
    int quote = texts.read(bytes, from, to);
    text += texts.tokens();
    return quote;
  }

  @Override
  public void media(Media kind, int count) {
    media +=
        (long) count
            * switch (kind) {
              case IMAGE -> figures.image();
              case THUMBNAIL -> figures.thumbnail();
              case AUDIO -> figures.audio();
              case FILE -> figures.file();
            };
  }

  @Override
  public void message() {
    text += MESSAGE;
    conversation = true;
  }

  @Override
  public void number() {
    text++;
  }
}
