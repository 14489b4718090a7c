package io.caravan.jsonl.settle;

import io.caravan.jsonl.tokens.Tokens;

/**
 * What became of the requests of a part; the four counts add up to them.
 *
 * @param answered by the provider, with a result or a final error
 * @param refused by the provider's word about their line
 * @param again to be sent again
 * @param againBytes of the file of those
 * @param againTokens about how many their prompts have
 * @param givenUp unfinished and not to be sent again
 */
public record Harvested(
    int answered, int refused, int again, long againBytes, Tokens againTokens, int givenUp) {}
