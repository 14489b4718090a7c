package io.caravan.flow.event;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * An event whose signature was verified.
 *
 * @param id the same in each repetition of the event
 * @param content type and data
 */
record SignedEvent(String id, JsonNode content) {}
