package io.caravan.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import java.time.Instant;
import java.util.List;

/** How an API takes requests one by one, outside of a batch. As it stands, OpenAI's API. */
public interface SingleCalls {
  /** OpenAI's API. */
  SingleCalls OPENAI = new SingleCalls() {};

  /** Members of a body that ask for an answer in pieces or later, or for another price. */
  List<String> NOT_SENT = List.of("stream", "stream_options", "background", "service_tier");

  /** Whether requests with this {@code url} may name a tier. */
  default boolean hasTiers(String url) {
    return url.equals("/v1/chat/completions") || url.equals("/v1/responses");
  }

  /**
   * The call for a request.
   *
   * @param line a line in OpenAI's batch input format
   * @param model the model to call
   * @param serviceTier blank to send none
   * @throws UntranslatableException if something in it has no counterpart
   */
  default SingleCall call(JsonNode line, String model, String serviceTier, Provider provider) {
    String url = line.path("url").asText();
    ObjectNode body = body(line, model);
    return new SingleCall(url.replaceFirst("^/v1(?=/)", ""), withTier(body, url, serviceTier));
  }

  /** Whether answers to requests with this {@code url} are translated to OpenAI's format. */
  default boolean translates(String url) {
    return false;
  }

  /**
   * The line of an output or error file for an answer.
   *
   * @param answer a JSON object
   */
  default ObjectNode translate(
      SingleRequest request, int status, JsonNode answer, Provider provider, Instant now) {
    throw new UnsupportedOperationException("answers stay as they are");
  }

  /** A copy of a request's body for the model, without {@link #NOT_SENT}. */
  default ObjectNode body(JsonNode line, String model) {
    ObjectNode body = StrictJson.MAPPER.createObjectNode();
    if (line.path("body") instanceof ObjectNode given) {
      body.setAll(given);
    }
    body.remove(NOT_SENT);
    return body.put("model", model);
  }

  /** Adds the tier, if it is not blank and requests with this {@code url} may name one. */
  default ObjectNode withTier(ObjectNode body, String url, String serviceTier) {
    return serviceTier.isBlank() || !hasTiers(url) ? body : body.put("service_tier", serviceTier);
  }
}
