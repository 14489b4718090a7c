package io.caravan.jsonl.tokens;

/**
 * A provider's token figures for media. They are fixed, because finding the real size would require
 * decoding.
 *
 * @param image an image of 1024 x 1024
 * @param thumbnail an image with {@code "detail": "low"}
 * @param audio one minute
 * @param file five pages, as text and as images
 */
public record MediaTokens(int image, int thumbnail, int audio, int file) {
  /** OpenAI: 85 plus 170 per tile of 512 x 512; 10 per second of audio. */
  public static final MediaTokens OPENAI = new MediaTokens(765, 85, 600, 6_000);

  /** Anthropic: width x height / 750; up to 3,000 per page. */
  public static final MediaTokens ANTHROPIC = new MediaTokens(1_400, 1_400, 0, 15_000);

  /** Gemini: 258 per tile of 768 x 768 and per page; 32 per second of audio. */
  public static final MediaTokens GEMINI = new MediaTokens(1_032, 258, 1_920, 1_290);
}
