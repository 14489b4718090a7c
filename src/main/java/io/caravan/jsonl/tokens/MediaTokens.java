package io.caravan.jsonl.tokens;

/**
 * What a provider counts for what is no text, whatever its size, since that would have to be
 * decoded.
 *
 * @param image one of 1024 x 1024
 * @param thumbnail an image of {@code "detail": "low"}
 * @param audio a minute of it
 * @param file five pages, of text and as images
 */
public record MediaTokens(int image, int thumbnail, int audio, int file) {
  /** OpenAI: 85 and 170 for each tile of 512 x 512; 10 a second of audio. */
  public static final MediaTokens OPENAI = new MediaTokens(765, 85, 600, 6_000);

  /** Anthropic: width x height / 750; up to 3,000 a page. */
  public static final MediaTokens ANTHROPIC = new MediaTokens(1_400, 1_400, 0, 15_000);

  /** Gemini: 258 for each tile of 768 x 768 and each page; 32 a second of audio. */
  public static final MediaTokens GEMINI = new MediaTokens(1_032, 258, 1_920, 1_290);
}
