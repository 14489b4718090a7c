package io.caravan.routes.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A fake of Gemini's Files and Batch API; the texts of requests control the answers. */
public final class FakeGemini implements ProviderFake {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String CREATE =
      "POST /v1beta/models/[^/]+:(batchGenerate|asyncBatchEmbed)Content";

  private static final String STATUS = "GET /v1beta/batches/[^/]+";

  private final RawHttp http;
  private final List<Batch> created = new ArrayList<>();
  private final Map<String, Batch> batches = new LinkedHashMap<>();
  private final Map<String, String> files = new LinkedHashMap<>();
  private final Map<String, Deque<Fault>> faults = new LinkedHashMap<>();
  private final List<Call> heard = new ArrayList<>();
  private final boolean inline;
  private boolean stalled;
  private boolean expiring;
  private String keys = "{\"keys\":[]}";

  /** Creates a fake that expects requests inside the create call, or as files. */
  public FakeGemini(boolean inline) throws IOException {
    this.inline = inline;
    http = new RawHttp(this::answer);
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "caravan.provider",
        "gemini",
        "caravan.providers.gemini.base-url",
        "http://127.0.0.1:%d/v1beta".formatted(http.port()),
        "caravan.providers.gemini.max-inline-bytes",
        inline ? "1MB" : "0B");
  }

  @Override
  public synchronized void next(Step step, Fault... spoilt) {
    String call =
        switch (step) {
          case CREATE -> CREATE;
          case LIST -> "GET /v1beta/batches";
          case STATUS -> STATUS;
          case RESULTS -> inline ? STATUS : "GET /v1beta/files/[^/]+:download";
        };
    Deque<Fault> next = faults.computeIfAbsent(call, none -> new ArrayDeque<>());
    if (inline && step == Step.RESULTS) {
      next.add(Fault.NONE); // for the status, which is the same call
    }
    next.addAll(List.of(spoilt));
  }

  @Override
  public boolean hasResultLines() {
    return !inline;
  }

  @Override
  public synchronized void mend() {
    faults.clear();
  }

  @Override
  public synchronized void stall(boolean stalling) {
    stalled = stalling;
  }

  /** An expired batch has no results, even of requests that ran. */
  @Override
  public synchronized void expireNext(int requests) {
    expiring = requests > 0;
  }

  @Override
  public synchronized void loseBatches() {
    batches.clear();
  }

  @Override
  public long created(String text) {
    return createdWith(text).size();
  }

  /** The input files of batches that contain the text. */
  public synchronized List<String> createdWith(String text) {
    return created.stream().map(batch -> batch.input).filter(it -> has(it, text)).toList();
  }

  @Override
  public synchronized long stored(String text) {
    return files.values().stream().filter(file -> has(file, text)).count()
        + batches.values().stream().filter(batch -> has(batch.input, text)).count();
  }

  private static boolean has(String file, String text) {
    return file.contains('"' + text + '"');
  }

  @Override
  public long cancels() {
    return heard().stream().filter(call -> call.path().endsWith(":cancel")).count();
  }

  /** Rejects a key with 400, like Google. */
  @Override
  public Fault refusedKey() {
    return Fault.refused(
        400,
        """
        {"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":
        [{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}
        """);
  }

  /** Sets the public keys that sign events, as a JSON Web Key Set. */
  public synchronized void publish(String keySet) {
    keys = keySet;
  }

  /** The webhooks of the created batches, by batch id. */
  public synchronized Map<String, String> webhooks() {
    var webhooks = new LinkedHashMap<String, String>();
    batches.forEach((id, batch) -> webhooks.put(id, batch.webhook));
    return webhooks;
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
    String said = call.method() + " " + call.path();
    String id = call.path().replaceFirst(".*/", "").replaceFirst(":.*", "");
    if (said.equals("GET /.well-known/jwks.json")) {
      return Reply.json(200, keys);
    }
    if (said.equals("POST /upload/v1beta/files")) {
      return upload(call);
    }
    if (said.matches(CREATE)) {
      return create(call);
    }
    if (said.matches("POST /v1beta/models/[^/]+:(generate|embed)Content")) {
      return single(call);
    }
    if (said.equals("GET /v1beta/batches")) {
      return list(call);
    }
    if (said.matches("GET /v1beta/files/[^/]+:download")
        && "media".equals(call.query().get("alt"))) {
      String file = files.get(id);
      return file == null ? gone() : Reply.of(200, file.getBytes(UTF_8));
    }
    if (said.startsWith("DELETE /v1beta/files/")) {
      return files.remove(id) == null ? gone() : Reply.json(200, "{}");
    }
    Batch batch = batches.get(id);
    if (batch == null || !batch.key.equals(key(call))) {
      return gone();
    }
    switch (said.replace(id, "")) {
      case "GET /v1beta/batches/" -> {}
      case "POST /v1beta/batches/:cancel" -> batch.cancelled = !ended(batch);
      case "DELETE /v1beta/batches/" -> batches.remove(id);
      default -> {
        return gone();
      }
    }
    return Reply.json(200, said.startsWith("GET") ? described(batch, true).toString() : "{}");
  }

  /** The key; only the key that created a batch can see it. */
  private static String key(Call call) {
    return call.headers().getOrDefault("x-goog-api-key", "");
  }

  private static Reply gone() {
    return Reply.json(
        404, "{\"error\":{\"code\":404,\"message\":\"not found\",\"status\":\"NOT_FOUND\"}}");
  }

  /** Returns an upload URL with another host, as behind a gateway. */
  private Reply upload(Call call) {
    if ("start".equals(call.headers().get("x-goog-upload-command"))) {
      return Reply.json(200, "{}")
          .with(
              "X-Goog-Upload-URL",
              "https://elsewhere.example/upload/v1beta/files?upload_id=u%2F1&size="
                  + call.headers().get("x-goog-upload-header-content-length"));
    }
    boolean whole =
        "upload, finalize".equals(call.headers().get("x-goog-upload-command"))
            && ("" + call.body().length).equals(call.query().get("size"))
            && "u/1".equals(call.query().get("upload_id"));
    if (!whole) {
      return Reply.json(400, "{\"error\":{\"code\":400,\"message\":\"no such upload\"}}");
    }
    String id = "in-" + heard.size();
    files.put(id, new String(call.body(), UTF_8));
    ObjectNode answer = JSON.createObjectNode();
    answer.putObject("file").put("name", "files/" + id).put("state", "ACTIVE");
    return Reply.json(200, answer.toString()).with("X-Goog-Upload-Status", "final");
  }

  private Reply create(Call call) {
    JsonNode wanted = Outcome.parse(new String(call.body(), UTF_8)).path("batch");
    JsonNode config = wanted.path("inputConfig");
    String file = config.path("fileName").asText().replaceFirst("^files/", "");
    String input = config.has("requests") ? lines(config) : files.get(file);
    if (input == null || (config.has("requests") && config.has("fileName"))) {
      return gone();
    }
    var batch =
        new Batch(
            "b" + created.size(),
            wanted.path("displayName").asText(),
            input,
            call.path().contains("Embed"),
            expiring,
            config.has("requests"),
            key(call),
            wanted.at("/webhookConfig/uris/0").asText());
    expiring = false;
    created.add(batch);
    batches.put(batch.id, batch);
    ObjectNode operation = JSON.createObjectNode().put("name", "batches/" + batch.id);
    operation
        .putObject("metadata")
        .put("state", "BATCH_STATE_PENDING")
        .put("displayName", batch.name);
    return Reply.json(200, operation.toString());
  }

  /** Inline requests as lines of a file. */
  private static String lines(JsonNode config) {
    var lines = new ArrayList<String>();
    for (JsonNode one : config.at("/requests/requests")) {
      ObjectNode line = JSON.createObjectNode();
      line.set("key", one.at("/metadata/key"));
      line.set("request", one.path("request"));
      lines.add(line.toString());
    }
    return TestCaravan.text(lines.toArray(String[]::new));
  }

  /** Returns pages of two. */
  private Reply list(Call call) {
    int from = Integer.parseInt(call.query().getOrDefault("pageToken", "0"));
    List<Batch> newest =
        batches.values().stream().filter(it -> it.key.equals(key(call))).toList().reversed();
    ObjectNode page = JSON.createObjectNode();
    var operations = page.putArray("operations");
    newest.stream().skip(from).limit(2).forEach(batch -> operations.add(described(batch, false)));
    if (newest.size() > from + 2) {
      page.put("nextPageToken", "" + (from + 2));
    }
    return Reply.json(200, page.toString());
  }

  private boolean ended(Batch batch) {
    return batch.cancelled || !stalled;
  }

  /** Uses both spellings of states and both places of results; lists omit inline results. */
  private ObjectNode described(Batch batch, boolean alone) {
    boolean odd = batch.id.matches(".*[13579]");
    boolean ended = ended(batch);
    String state =
        !ended
            ? "RUNNING"
            : batch.cancelled ? "CANCELLED" : batch.expired ? "EXPIRED" : "SUCCEEDED";
    ObjectNode operation = JSON.createObjectNode().put("name", "batches/" + batch.id);
    ObjectNode metadata = operation.putObject("metadata");
    metadata.put("state", (odd ? "BATCH_STATE_" : "JOB_STATE_") + state);
    metadata.put("displayName", batch.name);
    metadata.putObject("batchStats").put("requestCount", "" + batch.requests().size());
    operation.put("done", ended);
    if (state.equals("SUCCEEDED") && (alone || !batch.inline)) {
      ObjectNode output = odd ? metadata.putObject("output") : operation.putObject("response");
      if (batch.inline) {
        output
            .putObject(batch.embeds ? "inlinedEmbedContentResponses" : "inlinedResponses")
            .putArray("inlinedResponses")
            .addAll(answers(batch));
        return operation;
      }
      String file = "batch-" + batch.id;
      files.computeIfAbsent(file, none -> results(batch));
      output.put("responsesFile", "files/" + file);
    }
    return operation;
  }

  /** Results in request order; some repeat their metadata, some do not. */
  private static List<ObjectNode> answers(Batch batch) {
    var answers = new ArrayList<ObjectNode>();
    for (JsonNode request : batch.requests()) {
      ObjectNode answer = answer(batch, request);
      if (answers.size() % 2 == 0) {
        answer.putObject("metadata").set("key", request.path("key"));
      }
      answers.add(answer);
    }
    return answers;
  }

  /** Results may have any order; here it is reversed. */
  private static String results(Batch batch) {
    var lines = new ArrayList<String>();
    for (JsonNode request : batch.requests()) {
      ObjectNode line = JSON.createObjectNode();
      line.set("key", request.path("key"));
      lines.add(line.setAll(answer(batch, request)).toString());
    }
    return TestCaravan.text(lines.reversed().toArray(String[]::new));
  }

  /** A request outside of a batch, answered in the tier that it asks for. */
  private static Reply single(Call call) {
    JsonNode request = Outcome.parse(new String(call.body(), UTF_8));
    ObjectNode answer = answer(call.path().contains("embed"), request);
    return answer.has("error")
        ? Reply.json(400, answer.toString())
        : Reply.json(200, answer.path("response").toString())
            .with("X-Gemini-Service-Tier", request.path("service_tier").asText("standard"));
  }

  private static ObjectNode answer(Batch batch, JsonNode request) {
    return answer(batch.embeds, request);
  }

  private static ObjectNode answer(boolean embeds, JsonNode request) {
    ObjectNode line = JSON.createObjectNode();
    if (request.toString().contains("refuse me")) {
      line.putObject("error")
          .put("code", 3)
          .put("message", "too bad")
          .put("status", "INVALID_ARGUMENT");
    } else {
      line.set("response", Outcome.parse(embeds ? EMBEDDING : ANSWER));
    }
    return line;
  }

  private static final String ANSWER =
      """
      {"candidates":[{"content":{"parts":[{"text":"Hm.","thought":true},{"text":"Yes."}],"role":"model"},
       "finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,
       "candidatesTokenCount":2,"thoughtsTokenCount":4,"totalTokenCount":9},
       "modelVersion":"gemini-x","responseId":"r-1"}
      """;

  private static final String EMBEDDING =
      """
      {"tokenCount":5,"embedding":{"values":[0.5,-0.25]}}
      """;

  @Override
  public void close() throws IOException {
    http.close();
  }

  private static final class Batch {
    private final String id;
    private final String name;
    private final String input;
    private final boolean embeds;
    private final boolean expired;
    private final boolean inline;
    private final String key;
    private final String webhook;
    private boolean cancelled;

    private Batch(
        String id,
        String name,
        String input,
        boolean embeds,
        boolean expired,
        boolean inline,
        String key,
        String webhook) {
      this.id = id;
      this.name = name;
      this.input = input;
      this.embeds = embeds;
      this.expired = expired;
      this.inline = inline;
      this.key = key;
      this.webhook = webhook;
    }

    private List<JsonNode> requests() {
      return input.lines().map(Outcome::parse).toList();
    }
  }
}
