package io.caravan.provider.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.provider.Provider;
import io.caravan.provider.SingleCall;
import io.caravan.provider.SingleCalls;
import io.caravan.provider.SingleRequest;
import java.time.Instant;

/** Anthropic's Messages API. */
final class Messages implements SingleCalls {
  @Override
  public boolean hasTiers(String url) {
    return true;
  }

  @Override
  public SingleCall call(JsonNode line, String model, String serviceTier, Provider provider) {
    String url = line.path("url").asText();
    ObjectNode body = body(line, model);
    ObjectNode params = translates(url) ? ChatToMessages.translate(body, provider) : body;
    return new SingleCall(AnthropicDialect.NATIVE, withTier(params, url, serviceTier));
  }

  @Override
  public boolean translates(String url) {
    return !url.equals(AnthropicDialect.NATIVE);
  }

  @Override
  public ObjectNode translate(
      SingleRequest request, int status, JsonNode answer, Provider provider, Instant now) {
    boolean good = status < 300;
    ObjectNode result = StrictJson.MAPPER.createObjectNode();
    result.put("type", good ? "succeeded" : "errored").set(good ? "message" : "error", answer);
    var to = new MessageToChat(now.getEpochSecond(), false, provider.nativeAnswers());
    ObjectNode line = to.line(request.customId(), result);
    line.withObject("/response").put("status_code", status);
    return line;
  }
}
