package io.caravan.server.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.BackendAnswer.Answered;
import io.caravan.server.backend.BackendAnswer.NotRun;
import io.caravan.server.wire.BatchUsage;
import io.caravan.server.wire.Json;
import io.caravan.server.wire.JsonBytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Embeddings requests that differ only in their texts, joined into one request. */
final class JoinedEmbeddings {
  /** OpenAI's limit for one request (platform.openai.com/docs/api-reference/embeddings). */
  private static final int MAX_TEXTS = 2_048;

  private final List<Request> requests = new ArrayList<>();
  private final List<Integer> counts = new ArrayList<>();
  private final ObjectNode body;
  private final ArrayNode texts = Json.MAPPER.createArrayNode();

  private JoinedEmbeddings(ObjectNode body) {
    this.body = body;
  }

  /** Joins requests into as few as possible; requests with other input than texts stay alone. */
  static List<JoinedEmbeddings> of(List<Request> requests) {
    List<JoinedEmbeddings> all = new ArrayList<>();
    Map<ObjectNode, JoinedEmbeddings> open = new LinkedHashMap<>();
    for (Request request : requests) {
      ObjectNode body = request.body().toTree();
      boolean whole = !Json.hasHalf(body);
      JsonNode input = body.remove("input");
      List<JsonNode> texts = whole ? texts(input) : List.of();
      JoinedEmbeddings joined = open.get(body);
      if (texts.isEmpty() || joined == null || joined.texts.size() + texts.size() > MAX_TEXTS) {
        joined = new JoinedEmbeddings(body);
        all.add(joined);
        if (!texts.isEmpty()) {
          open.put(body, joined);
        }
      }
      joined.add(request, texts);
    }
    return all;
  }

  private static List<JsonNode> texts(@Nullable JsonNode input) {
    if (input == null || !input.isArray()) {
      return input == null || !input.isTextual() ? List.of() : List.of(input);
    }
    List<JsonNode> texts = new ArrayList<>();
    input.forEach(texts::add);
    return texts.stream().allMatch(JsonNode::isTextual) ? texts : List.of();
  }

  private void add(Request request, List<JsonNode> more) {
    requests.add(request);
    counts.add(more.size());
    texts.addAll(more);
  }

  List<Request> requests() {
    return requests;
  }

  int size() {
    return requests.size();
  }

  JsonBytes body() {
    return size() == 1
        ? requests.getFirst().body()
        : JsonBytes.of(body.deepCopy().set("input", texts));
  }

  /** Whether the answer applies to every request: access refused, server down or overloaded. */
  boolean alike(BackendAnswer answer) {
    return switch (answer) {
      case NotRun notRun -> true;
      case Answered answered ->
          switch (answered.status()) {
            case 401, 403, 404, 429, 502, 503, 504 -> true;
            default -> false;
          };
    };
  }

  /** Splits the answer, one per request; empty when it does not match the requests. */
  List<BackendAnswer> split(BackendAnswer answer) {
    if (!(answer instanceof Answered answered) || !answer.succeeded()) {
      return List.of();
    }
    ObjectNode frame = answered.body().toTree();
    JsonNode data = frame.remove("data");
    if (!inOrder(data)) {
      return List.of();
    }
    var tokens = new Apportionment(BatchUsage.tokens(frame.at("/usage/prompt_tokens")), texts);
    List<BackendAnswer> answers = new ArrayList<>();
    int from = 0;
    for (int count : counts) {
      ObjectNode part = frame.deepCopy();
      ArrayNode own = part.putArray("data");
      for (int i = from; i < from + count; i++) {
        own.add(((ObjectNode) data.get(i)).put("index", i - from));
      }
      long used = tokens.between(from, from + count);
      part.putObject("usage").put("prompt_tokens", used).put("total_tokens", used);
      answers.add(new Answered(answered.status(), answered.requestId(), JsonBytes.of(part)));
      from += count;
    }
    return answers;
  }

  private boolean inOrder(@Nullable JsonNode data) {
    if (data == null || !data.isArray() || data.size() != texts.size()) {
      return false;
    }
    for (int i = 0; i < data.size(); i++) {
      if (!data.get(i).isObject() || data.get(i).path("index").asLong(i) != i) {
        return false;
      }
    }
    return true;
  }
}
