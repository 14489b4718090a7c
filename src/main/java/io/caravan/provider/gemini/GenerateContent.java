package io.caravan.provider.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Provider;
import io.caravan.provider.SingleCall;
import io.caravan.provider.SingleCalls;
import io.caravan.provider.SingleRequest;
import java.time.Instant;

/** Gemini's {@code generateContent} and {@code embedContent}. */
final class GenerateContent implements SingleCalls {
  /** Embeddings have one price only. */
  @Override
  public boolean hasTiers(String url) {
    return !GeminiRequests.isEmbedding(url);
  }

  @Override
  public SingleCall call(JsonNode line, String model, String serviceTier, Provider provider) {
    String url = line.path("url").asText();
    ObjectNode request = StrictJson.MAPPER.createObjectNode();
    request.put("url", url).set("body", body(line, model));
    ObjectNode body = StrictJson.MAPPER.createObjectNode();
    if (GeminiRequests.request(request) instanceof ObjectNode translated) {
      body = translated;
    }
    String path =
        "/models/%s:%s"
            .formatted(
                PathSegment.of(model.replaceFirst("^models/", "")),
                GeminiRequests.isEmbedding(url) ? "embedContent" : "generateContent");
    return new SingleCall(path, withTier(body, url, serviceTier));
  }

  @Override
  public boolean translates(String url) {
    return !GeminiRequests.isNative(url);
  }

  @Override
  public ObjectNode translate(
      SingleRequest request, int status, JsonNode answer, Provider provider, Instant now) {
    boolean good = status < 300;
    ObjectNode result = StrictJson.MAPPER.createObjectNode();
    result.set(good ? "response" : "error", good ? answer : answer.path("error"));
    var to =
        new ContentToChat(
            request.model(),
            now.getEpochSecond(),
            GeminiRequests.isEmbedding(request.url()),
            false,
            provider.nativeAnswers());
    ObjectNode line = to.line(request.customId(), result);
    if (!good) {
      line.withObject("/response").put("status_code", status);
    }
    return line;
  }
}
