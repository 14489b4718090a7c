package io.caravan.jsonl.settle;

import io.caravan.jsonl.tokens.Tokens;

/**
 * The outcome of a harvest: the four counts add up to the requests of the part.
 *
 * @param answered requests with a result or a final error
 * @param refused requests whose line the provider refused
 * @param again requests to retry
 * @param againBytes size of the file of requests to retry
 * @param againTokens estimated prompt tokens of the requests to retry
 * @param givenUp unfinished requests that are not retried
 */
public record Harvested(
    int answered, int refused, int again, long againBytes, Tokens againTokens, int givenUp) {}
