package io.caravan.routes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.routes.RawHttp.Call;
import io.caravan.routes.RawHttp.Reply;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Anthropic's Message Batches, which do as their requests' texts say; it can be told to fail. */
final class FakeAnthropic implements AutoCloseable {
  static final String BATCHES = "/v1/messages/batches";
  private static final JsonMapper JSON = new JsonMapper();

  private final RawHttp http;
  private final Map<String, JsonNode> batches = new LinkedHashMap<>();
  private final Map<String, Deque<Fault>> faults = new LinkedHashMap<>();
  private final List<Call> heard = new ArrayList<>();
  private long expiring;

  FakeAnthropic() throws IOException {
    http = new RawHttp(this::answer);
  }

  String url() {
    return "http://127.0.0.1:" + http.port();
  }

  /** The next calls of that method and end of a path go wrong in turn. */
  synchronized void next(String method, String end, Fault... spoilt) {
    faults.computeIfAbsent(method + " " + end, none -> new ArrayDeque<>()).addAll(List.of(spoilt));
  }

  synchronized void forgetFaults() {
    faults.clear();
  }

  /** So many results from now on say that their request expired. */
  synchronized void expireNext(long requests) {
    expiring = requests;
  }

  /** The batches that were created with such a text in them. */
  synchronized List<JsonNode> createdWith(String text) {
    return batches.values().stream().filter(batch -> batch.toString().contains(text)).toList();
  }

  synchronized List<Call> heard() {
    return List.copyOf(heard);
  }

  private synchronized Reply answer(Call call) {
    heard.add(call);
    return faults.entrySet().stream()
        .filter(entry -> (call.method() + " " + call.path()).matches(pattern(entry.getKey())))
        .map(entry -> entry.getValue().poll())
        .filter(fault -> fault != null)
        .findFirst()
        .orElse(Fault.NONE)
        .spoil(() -> done(call));
  }

  private static String pattern(String key) {
    return key.replaceFirst(" ", " .*") + "$";
  }

  private Reply done(Call call) {
    String rest = call.path().substring(BATCHES.length());
    if (call.method().equals("POST") && rest.isEmpty()) {
      return create(call);
    }
    if (rest.isEmpty()) {
      ObjectNode list = JSON.createObjectNode().put("has_more", false);
      var data = list.putArray("data");
      batches.keySet().stream().toList().reversed().forEach(id -> data.add(described(id)));
      return Reply.json(200, list.toString());
    }
    String id = rest.split("/", -1)[1];
    JsonNode batch = batches.get(id);
    if (batch == null) {
      return Reply.json(404, error("not_found_error", "no such batch"));
    }
    return rest.endsWith("/results")
        ? Reply.json(200, results(batch))
        : Reply.json(200, described(id).toString());
  }

  private Reply create(Call call) {
    try {
      String id = "msgbatch_" + (batches.size() + 1);
      batches.put(id, JSON.readTree(call.body()));
      return Reply.json(200, described(id).put("processing_status", "in_progress").toString());
    } catch (IOException e) {
      return Reply.json(400, error("invalid_request_error", "no JSON"));
    }
  }

  /** It has ended as soon as it is looked at. */
  private ObjectNode described(String id) {
    ObjectNode batch = JSON.createObjectNode().put("id", id).put("type", "message_batch");
    batch.put("processing_status", "ended").put("created_at", Instant.now().toString());
    batch
        .putObject("request_counts")
        .put("processing", 0)
        .put("succeeded", requests(id))
        .put("errored", 0)
        .put("canceled", 0)
        .put("expired", 0);
    return batch;
  }

  private int requests(String id) {
    JsonNode batch = batches.get(id);
    return batch == null ? 0 : batch.path("requests").size();
  }

  /** In any order: here, backwards. */
  private String results(JsonNode batch) {
    var lines = new ArrayList<String>();
    for (JsonNode request : batch.path("requests")) {
      ObjectNode line = JSON.createObjectNode();
      line.set("custom_id", request.path("custom_id"));
      line.set("result", result(request.path("params")));
      lines.add(line.toString());
    }
    return TestCaravan.text(lines.reversed().toArray(String[]::new));
  }

  private JsonNode result(JsonNode params) {
    String said = params.toString();
    if (expiring > 0) {
      expiring--;
      return JSON.createObjectNode().put("type", "expired");
    }
    if (said.contains("refuse me")) {
      ObjectNode result = JSON.createObjectNode().put("type", "errored");
      return result.set("error", Outcome.parse(error("invalid_request_error", "too bad")));
    }
    return Outcome.parse(
        """
        {"type":"succeeded","message":{"id":"msg_1","type":"message","role":"assistant",
         "model":"claude","content":[{"type":"text","text":"Yes."}],"stop_reason":"end_turn",
         "stop_sequence":null,"usage":{"input_tokens":3,"cache_read_input_tokens":2,
         "output_tokens":4}}}
        """);
  }

  static String error(String type, String message) {
    return """
    {"type":"error","error":{"type":"%s","message":"%s"},"request_id":"req_1"}\
    """
        .formatted(type, message);
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
