package io.caravan.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A call with one request, in the provider's format.
 *
 * @param path below the provider's base URL
 */
public record SingleCall(String path, ObjectNode body) {}
