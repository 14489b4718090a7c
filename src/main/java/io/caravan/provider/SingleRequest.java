package io.caravan.provider;

/**
 * What the answer to a request is translated with.
 *
 * @param url as in the request's line, such as {@code /v1/chat/completions}
 */
public record SingleRequest(String customId, String url, String model) {}
