package io.caravan.jsonl.tokens;

/**
 * The prompt tokens of some requests, as counted by a provider.
 *
 * @param requests number of requests
 * @param tokens total of their prompt tokens
 */
public record Prompts(long requests, long tokens) {
  public static final Prompts NONE = new Prompts(0, 0);

  public Prompts plus(long more) {
    return new Prompts(requests + 1, tokens + more);
  }
}
