package io.caravan.queue.door;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.wait.EventOutput;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whole answers in the form in which OpenAI streams them. */
final class StreamFormat {
  private final ByteArrayOutputStream events = new ByteArrayOutputStream();
  private int number;

  private StreamFormat() {}

  /** The answer to a streamed call; clients raise an error that comes as event. */
  static byte[] of(Order order, Reply reply) {
    if (!reply.isSuccess()) {
      return EventOutput.event(null, null, reply.body().toString());
    }
    return reply.body() instanceof ObjectNode response
            && order.endpoint().equals(OrderReader.RESPONSES)
        ? response(response)
        : chat(reply.body(), order.streaming() == Order.Streaming.EVENTS_WITH_USAGE);
  }

  /** A chat completion as chunks. */
  private static byte[] chat(JsonNode completion, boolean usage) {
    var stream = new StreamFormat();
    ObjectNode chunk = StrictJson.MAPPER.createObjectNode();
    for (String name : List.of("id", "created", "model", "service_tier", "system_fingerprint")) {
      if (completion.has(name)) {
        chunk.set(name, completion.get(name));
      }
    }
    chunk.put("object", "chat.completion.chunk");
    for (JsonNode choice : completion.path("choices")) {
      stream.add(chunk, choice(choice, delta(choice.path("message")), false));
      stream.add(chunk, choice(choice, StrictJson.MAPPER.createObjectNode(), true));
    }
    if (usage) {
      ObjectNode last = chunk.deepCopy();
      last.putArray("choices");
      last.set("usage", completion.path("usage"));
      stream.send(null, last.toString());
    }
    stream.send(null, "[DONE]");
    return stream.events.toByteArray();
  }

  private static ObjectNode choice(JsonNode choice, ObjectNode delta, boolean last) {
    ObjectNode streamed = StrictJson.MAPPER.createObjectNode();
    streamed.set("index", choice.path("index"));
    streamed.set("delta", delta);
    streamed.set(
        "logprobs",
        last || !choice.has("logprobs") ? StrictJson.MAPPER.nullNode() : choice.get("logprobs"));
    streamed.set(
        "finish_reason", last ? choice.path("finish_reason") : StrictJson.MAPPER.nullNode());
    return streamed;
  }

  private static ObjectNode delta(JsonNode message) {
    ObjectNode delta =
        message.isObject() ? message.deepCopy() : StrictJson.MAPPER.createObjectNode();
    if (delta.get("tool_calls") instanceof ArrayNode calls) {
      for (int i = 0; i < calls.size(); i++) {
        ((ObjectNode) calls.get(i)).put("index", i);
      }
    }
    return delta;
  }

  private void add(ObjectNode chunk, ObjectNode choice) {
    ObjectNode whole = chunk.deepCopy();
    whole.putArray("choices").add(choice);
    send(null, whole.toString());
  }

  /** The first event of a streamed response. */
  static byte[] created(QueuedRequest request) {
    var stream = new StreamFormat();
    stream.send("response.created", event("response.created").set("response", frame(request)));
    return stream.events.toByteArray();
  }

  private static ObjectNode frame(QueuedRequest request) {
    ObjectNode response = ResponseObject.of(request);
    response.put("status", "queued").put("background", false).putNull("usage").putNull("error");
    response.putArray("output");
    return response;
  }

  /** A response as events: its texts, and then the whole of it. */
  private static byte[] response(ObjectNode response) {
    var stream = new StreamFormat();
    stream.number = 1;
    JsonNode output = response.path("output");
    for (int i = 0; i < output.size(); i++) {
      stream.item(output.get(i), i);
    }
    String type = "response." + response.path("status").asText("completed");
    stream.send(type, event(type).set("response", response));
    return stream.events.toByteArray();
  }

  private void item(JsonNode item, int index) {
    ObjectNode begun = item.deepCopy();
    begun.put("status", "in_progress");
    if (begun.has("content")) {
      begun.putArray("content");
    }
    send("response.output_item.added", event("response.output_item.added"), index, begun);
    JsonNode content = item.path("content");
    for (int i = 0; i < content.size(); i++) {
      part(item, index, content.get(i), i);
    }
    send("response.output_item.done", event("response.output_item.done"), index, item);
  }

  private void send(String type, ObjectNode event, int index, JsonNode item) {
    event.put("output_index", index).set("item", item);
    send(type, event);
  }

  private void part(JsonNode item, int index, JsonNode part, int place) {
    boolean text = part.path("type").asText().equals("output_text");
    String member = text ? "text" : "refusal";
    if (!part.path(member).isTextual()) {
      return;
    }
    String type = text ? "response.output_text" : "response.refusal";
    ObjectNode empty = part.deepCopy();
    empty.put(member, "");
    send(
        "response.content_part.added",
        at(event("response.content_part.added"), item, index, place).set("part", empty));
    ObjectNode delta = at(event(type + ".delta"), item, index, place);
    delta.set("delta", part.get(member));
    delta.putArray("logprobs");
    send(type + ".delta", delta);
    ObjectNode done = at(event(type + ".done"), item, index, place);
    done.set(member, part.get(member));
    done.putArray("logprobs");
    send(type + ".done", done);
    send(
        "response.content_part.done",
        at(event("response.content_part.done"), item, index, place).set("part", part));
  }

  private static ObjectNode at(ObjectNode event, JsonNode item, int index, int place) {
    event.set("item_id", item.path("id"));
    return event.put("output_index", index).put("content_index", place);
  }

  private static ObjectNode event(String type) {
    return StrictJson.MAPPER.createObjectNode().put("type", type);
  }

  private void send(String name, JsonNode event) {
    ((ObjectNode) event).put("sequence_number", number++);
    send(name, event.toString());
  }

  private void send(@Nullable String name, String data) {
    events.writeBytes(EventOutput.event(null, name, data));
  }
}
