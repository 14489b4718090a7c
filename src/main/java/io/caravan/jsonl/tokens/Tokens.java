package io.caravan.jsonl.tokens;

/**
 * Prompt tokens as far as the bytes of requests can tell: within 10 % of what o200k_base counts for
 * English and code, 15 % for JSON, German and Russian, 20 % for Chinese and Japanese ({@code
 * TokensTest} holds that). What other tokenizers count is learned from their answers.
 *
 * @param text of what the model reads as text, before anything is learned
 * @param media of images, sounds and files, each a fixed figure
 */
public record Tokens(long text, long media) {
  public static final Tokens NONE = new Tokens(0, 0);

  public Tokens plus(Tokens more) {
    return new Tokens(text + more.text, media + more.media);
  }

  /**
   * In the tokens of a model.
   *
   * @param rate how many of them a text has for each that was estimated
   */
  public long at(double rate) {
    return Math.round(text * rate) + media;
  }
}
