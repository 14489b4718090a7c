package io.caravan.jsonl.tokens;

/**
 * Prompts that a provider counted.
 *
 * @param requests how many
 * @param tokens of all of them
 */
public record Prompts(long requests, long tokens) {
  public static final Prompts NONE = new Prompts(0, 0);

  public Prompts plus(long more) {
    return new Prompts(requests + 1, tokens + more);
  }
}
