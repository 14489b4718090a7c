package io.caravan.queue.door;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.flow.CaravanHeaders;
import io.caravan.jsonl.StrictJson;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.queue.Queue;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueueSettings;
import io.caravan.queue.RequestDeadlines;
import io.caravan.queue.flow.QueueAdd;
import io.caravan.queue.flow.Queues;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reads calls of OpenAI's paths that are to be queued. */
@Component("doorOrderReader")
class OrderReader {
  static final String DEADLINE = CaravanHeaders.DEADLINE;
  static final String CHAT = "/v1/chat/completions";
  static final String RESPONSES = "/v1/responses";

  private static final String PROVIDER = "Caravan-Provider";
  private static final Set<String> STREAMED = Set.of(CHAT, RESPONSES);

  private final Queues queues;
  private final Providers providers;
  private final QueueSettings settings;
  private final RequestDeadlines deadlines;

  OrderReader(
      Queues queues, Providers providers, QueueSettings settings, RequestDeadlines deadlines) {
    this.queues = queues;
    this.providers = providers;
    this.settings = settings;
    this.deadlines = deadlines;
  }

  /** Reads the body of a call. */
  ObjectNode body(HttpServletRequest call) throws IOException {
    long most = settings.maxRequestSize().toBytes();
    byte[] bytes = call.getInputStream().readNBytes((int) most + 1);
    if (bytes.length > most) {
      throw QueueProblem.of(
          413,
          "request_too_large",
          "The request has more than the maximum of %d bytes (caravan.queue.max-request-size)."
              .formatted(most));
    }
    try {
      if (StrictJson.MAPPER.readTree(bytes) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw QueueProblem.invalid(
          "invalid_json",
          "The body is not valid JSON: %s.".formatted(e.getOriginalMessage()),
          null);
    }
    throw QueueProblem.invalid("invalid_type", "The body is not a JSON object.", null);
  }

  /** Reads a call; its body is changed to that of the request. */
  Order read(HttpServletRequest call, String endpoint, ObjectNode body) throws IOException {
    String client = Objects.requireNonNullElse(call.getRemoteUser(), "");
    Instant until = Optional.ofNullable(call.getHeader(DEADLINE)).map(deadlines::of).orElse(null);
    Order.Streaming streaming = streaming(endpoint, body);
    body.remove("background");
    @Nullable String provider = provider(call, body);
    ObjectNode request = StrictJson.MAPPER.createObjectNode();
    JsonNode metadata = body.path("metadata");
    if (metadata.isObject()) {
      request.set("metadata", metadata);
    }
    boolean translated = endpoint.equals(RESPONSES) && lacksResponses(provider);
    request.put("url", translated ? CHAT : endpoint);
    request.set("data", translated ? ChatOfResponse.request(body) : body);
    if (provider != null) {
      request.put("provider", provider);
    }
    if (until != null) {
      request.put("deadline", until.toString());
    }
    priority(call, request);
    byte[] payload = (endpoint + "\n" + provider + "\n" + body).getBytes(UTF_8);
    return new Order(
        endpoint,
        client,
        request,
        QueueAdd.key(call.getHeader(QueueAdd.IDEMPOTENCY_KEY), client, payload),
        streaming,
        until);
  }

  private static Order.Streaming streaming(String endpoint, ObjectNode body) {
    JsonNode wanted = body.path("stream");
    boolean usage = body.path("stream_options").path("include_usage").asBoolean();
    body.remove("stream");
    body.remove("stream_options");
    if (!wanted.asBoolean()) {
      return Order.Streaming.NONE;
    }
    if (!STREAMED.contains(endpoint)) {
      throw QueueProblem.invalid(
          "unsupported_value", "%s does not stream.".formatted(endpoint), "stream");
    }
    return usage ? Order.Streaming.EVENTS_WITH_USAGE : Order.Streaming.EVENTS;
  }

  /** The provider of the header, or else of the model's prefix, which is then removed. */
  private @Nullable String provider(HttpServletRequest call, ObjectNode body) {
    String named = call.getHeader(PROVIDER);
    if (named != null) {
      return named.strip();
    }
    String model = body.path("model").asText();
    int colon = model.indexOf(':');
    String prefix = colon < 0 ? "" : model.substring(0, colon);
    String provider =
        providers.providers().containsKey(prefix)
            ? prefix
            : queues.get(prefix).map(Queue::getProvider).orElse("");
    if (provider.isEmpty()) {
      return null;
    }
    body.put("model", model.substring(colon + 1));
    return provider;
  }

  private boolean lacksResponses(@Nullable String named) {
    Provider provider = providers.providers().get(queues.choose(named).provider());
    return provider != null
        && !provider.endpoints().contains(RESPONSES)
        && provider.endpoints().contains(CHAT);
  }

  private static void priority(HttpServletRequest call, ObjectNode request) {
    String text = call.getHeader(CaravanHeaders.PRIORITY);
    if (text != null) {
      try {
        request.put("priority", Integer.parseInt(text.strip()));
      } catch (NumberFormatException e) {
        throw QueueProblem.invalid(
            "invalid_value", "Caravan-Priority must be a number from 1 to 10, the highest.", null);
      }
    }
  }
}
