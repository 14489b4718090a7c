package io.caravan.routes.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A fake of Anthropic's Message Batches; the texts of requests control the answers. */
public final class FakeAnthropic implements ProviderFake {
  static final String BATCHES = "/v1/messages/batches";
  private static final JsonMapper JSON = new JsonMapper();

  private final RawHttp http;
  private final List<JsonNode> created = new ArrayList<>();
  private final Map<String, Batch> batches = new LinkedHashMap<>();
  private final Map<String, Deque<Fault>> faults = new LinkedHashMap<>();
  private final List<Call> heard = new ArrayList<>();
  private boolean stalled;
  private int expiring;

  public FakeAnthropic() throws IOException {
    http = new RawHttp(this::answer);
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "caravan.provider",
        "anthropic",
        "caravan.providers.anthropic.base-url",
        "http://127.0.0.1:" + http.port());
  }

  @Override
  public synchronized void next(Step step, Fault... spoilt) {
    String call =
        switch (step) {
          case CREATE -> "POST " + BATCHES;
          case LIST -> "GET " + BATCHES;
          case STATUS -> "GET " + BATCHES + "/[^/]+";
          case RESULTS -> "GET " + BATCHES + "/[^/]+/results";
        };
    faults.computeIfAbsent(call, none -> new ArrayDeque<>()).addAll(List.of(spoilt));
  }

  @Override
  public synchronized void mend() {
    faults.clear();
  }

  @Override
  public synchronized void stall(boolean stalling) {
    stalled = stalling;
  }

  @Override
  public synchronized void expireNext(int requests) {
    expiring = requests;
  }

  @Override
  public synchronized void loseBatches() {
    batches.clear();
  }

  @Override
  public long created(String text) {
    return createdWith(text).size();
  }

  /** The bodies of create calls that contain the text. */
  public synchronized List<JsonNode> createdWith(String text) {
    return created.stream().filter(body -> has(body, text)).toList();
  }

  @Override
  public synchronized long stored(String text) {
    return batches.values().stream().filter(batch -> has(batch.body, text)).count();
  }

  private static boolean has(JsonNode body, String text) {
    return body.toString().contains('"' + text + '"');
  }

  @Override
  public long cancels() {
    return heard().stream().filter(call -> call.path().endsWith("/cancel")).count();
  }

  public synchronized List<Call> heard() {
    return List.copyOf(heard);
  }

  private synchronized Reply answer(Call call) {
    heard.add(call);
    return faults.entrySet().stream()
        .filter(entry -> (call.method() + " " + call.path()).matches(entry.getKey()))
        .map(entry -> entry.getValue().poll())
        .filter(fault -> fault != null)
        .findFirst()
        .orElse(Fault.NONE)
        .spoil(() -> done(call));
  }

  private Reply done(Call call) {
    if (call.path().equals("/v1/messages")) {
      return message(call);
    }
    String rest = call.path().substring(BATCHES.length());
    if (rest.isEmpty()) {
      return call.method().equals("POST") ? create(call) : list();
    }
    String[] path = rest.split("/", -1);
    Batch batch = batches.get(path[1]);
    if (batch == null) {
      return Reply.json(404, error("not_found_error", "no such batch"));
    }
    return switch (call.method() + (path.length > 2 ? " " + path[2] : "")) {
      case "GET" -> Reply.json(200, described(batch).toString());
      case "GET results" -> Reply.json(200, results(batch));
      case "POST cancel" -> {
        batch.cancelled = !ended(batch);
        yield Reply.json(200, described(batch).toString());
      }
      case "DELETE" -> {
        batches.remove(path[1]);
        yield Reply.json(200, "{\"id\":\"%s\",\"type\":\"x_deleted\"}".formatted(path[1]));
      }
      default -> Reply.json(404, error("not_found_error", "no such path"));
    };
  }

  /** A request outside of a batch. */
  private static Reply message(Call call) {
    JsonNode result = result(Outcome.parse(new String(call.body(), StandardCharsets.UTF_8)));
    if (result.has("error")) {
      return Reply.json(400, result.path("error").toString());
    }
    if (result.at("/message/usage") instanceof ObjectNode usage) {
      usage.put("service_tier", "standard");
    }
    return Reply.json(200, result.path("message").toString());
  }

  private Reply list() {
    ObjectNode list = JSON.createObjectNode().put("has_more", false);
    var data = list.putArray("data");
    batches.values().stream().toList().reversed().forEach(batch -> data.add(described(batch)));
    return Reply.json(200, list.toString());
  }

  private Reply create(Call call) {
    try {
      JsonNode body = JSON.readTree(call.body());
      created.add(body);
      var batch = new Batch("msgbatch_" + created.size(), body, expiring);
      expiring = 0;
      batches.put(batch.id, batch);
      return Reply.json(200, described(batch).put("processing_status", "in_progress").toString());
    } catch (IOException e) {
      return Reply.json(400, error("invalid_request_error", "no JSON"));
    }
  }

  private boolean ended(Batch batch) {
    return batch.cancelled || !stalled;
  }

  private ObjectNode described(Batch batch) {
    int requests = batch.body.path("requests").size();
    boolean ended = ended(batch);
    int expired = ended ? batch.expired : 0;
    int cancelled = ended && batch.cancelled ? requests - expired : 0;
    ObjectNode json = JSON.createObjectNode().put("id", batch.id).put("type", "message_batch");
    json.put("processing_status", ended ? "ended" : "in_progress")
        .put("created_at", batch.at.toString());
    json.putObject("request_counts")
        .put("processing", ended ? 0 : requests)
        .put("succeeded", ended ? requests - expired - cancelled : 0)
        .put("errored", 0)
        .put("canceled", cancelled)
        .put("expired", expired);
    return json;
  }

  /** Results may have any order; here it is reversed. */
  private static String results(Batch batch) {
    var lines = new ArrayList<String>();
    for (JsonNode request : batch.body.path("requests")) {
      ObjectNode line = JSON.createObjectNode();
      line.set("custom_id", request.path("custom_id"));
      line.set(
          "result",
          lines.size() < batch.expired
              ? JSON.createObjectNode().put("type", "expired")
              : batch.cancelled
                  ? JSON.createObjectNode().put("type", "canceled")
                  : result(request.path("params")));
      lines.add(line.toString());
    }
    return TestCaravan.text(lines.reversed().toArray(String[]::new));
  }

  private static JsonNode result(JsonNode params) {
    if (params.toString().contains("refuse me")) {
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

  private static final class Batch {
    private final String id;
    private final JsonNode body;
    private final Instant at = Instant.now();
    private final int expired;
    private boolean cancelled;

    private Batch(String id, JsonNode body, int expired) {
      this.id = id;
      this.body = body;
      this.expired = expired;
    }
  }
}
