package io.caravan.routes.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import java.io.IOException;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.ToIntBiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A fake of OpenAI's Files and Batch API that outlives the processes that call it and counts what
 * is paid for.
 */
public final class CountingProvider implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final ProviderAccount account;
  private final SingleEndpoint single;
  private final Map<String, Queue<Fault>> faults = new ConcurrentHashMap<>();
  private final Map<String, Integer> calls = new ConcurrentHashMap<>();
  private final RawHttp server;
  private volatile Fault always = Fault.NONE;
  private volatile Host host = Host.OPENAI;

  public CountingProvider() throws IOException {
    this(20260101);
  }

  /**
   * @param seed determines ids and the order of outputs
   */
  public CountingProvider(long seed) throws IOException {
    this(seed, 0);
  }

  /**
   * @param port 0 for any free one
   */
  public CountingProvider(long seed, int port) throws IOException {
    account = new ProviderAccount(seed);
    single = new SingleEndpoint(account);
    server = new RawHttp(port, this::answer);
  }

  /** The value for {@code OPENAI_BASE_URL}. */
  public String url() {
    return "http://127.0.0.1:%d/v1".formatted(server.port());
  }

  /** The variables of a process that uses only this provider, as openai. */
  public Map<String, String> variables() {
    return Map.of(
        "CARAVAN_PROVIDER", "openai",
        "OPENAI_API_KEY", "not-a-key",
        "OPENAI_BASE_URL", url(),
        "CARAVAN_SERVER_ENABLED", "false",
        "CARAVAN_PROVIDERS_OPENAI_LISTLAG", "300ms",
        "SPRING_MAIN_WEBAPPLICATIONTYPE", "none");
  }

  /** The account with files, batches and costs. */
  public ProviderAccount account() {
    return account;
  }

  /** Its answers to requests outside of batches. */
  public SingleEndpoint single() {
    return single;
  }

  /** Sets the faults of the next requests outside of batches, in order. */
  public CountingProvider onSingle(Fault... next) {
    return on("single", next);
  }

  /** Answers in the format of that host. */
  CountingProvider as(Host other) {
    host = other;
    return this;
  }

  public CountingProvider withBatchesOf(Duration time) {
    account.batchesRun = time;
    return this;
  }

  /** Delays new batches on the list. */
  public CountingProvider withListLag(Duration lag) {
    account.listLag = lag;
    return this;
  }

  /** Limits the queue: a batch fails if its tokens do not fit beside those in flight. */
  public CountingProvider withQueueOf(long tokens) {
    account.queueLimit = tokens;
    return this;
  }

  /** Sets the format of ids. */
  public CountingProvider withIds(UnaryOperator<String> ids) {
    account.ids = ids;
    return this;
  }

  /** Sets how a batch ends, by its custom_ids. */
  public CountingProvider ending(Function<List<String>, Ending> endings) {
    account.endings = endings;
    return this;
  }

  /** Sets the status for the n-th attempt of a custom_id. */
  public CountingProvider answering(ToIntBiFunction<String, Integer> model) {
    account.model = model;
    return this;
  }

  /** Modifies output files, for example by repeated or unknown lines. */
  public CountingProvider spoilingOutput(UnaryOperator<List<String>> output) {
    account.output = output;
    return this;
  }

  /** Sets the faults of the next uploads, in order. */
  public CountingProvider onUpload(Fault... next) {
    return on("upload", next);
  }

  public CountingProvider onCreate(Fault... next) {
    return on("create", next);
  }

  public CountingProvider onRetrieve(Fault... next) {
    return on("retrieve", next);
  }

  public CountingProvider onFile(Fault... next) {
    return on("file", next);
  }

  public CountingProvider onContent(Fault... next) {
    return on("content", next);
  }

  /** Removes the faults of downloads. */
  public void onContentNothing() {
    queue("content").clear();
  }

  public CountingProvider onListFiles(Fault... next) {
    return on("list-files", next);
  }

  public CountingProvider onListBatches(Fault... next) {
    return on("list-batches", next);
  }

  CountingProvider onDelete(Fault... next) {
    return on("delete", next);
  }

  /** The number of calls of that kind, such as {@code list-batches}. */
  public int calls(String verb) {
    return calls.getOrDefault(verb, 0);
  }

  private CountingProvider on(String call, Fault... next) {
    queue(call).addAll(List.of(next));
    return this;
  }

  private Queue<Fault> queue(String call) {
    return faults.computeIfAbsent(call, name -> new ConcurrentLinkedQueue<>());
  }

  /** Removes all pending faults. */
  public void forgetFaults() {
    faults.values().forEach(Queue::clear);
  }

  /** Makes every call fail until {@link #mend()}. */
  public void breakDown(Fault fault) {
    always = fault;
  }

  public void mend() {
    always = Fault.NONE;
  }

  private Reply answer(Call heard) {
    Call call = host.heard(heard);
    String[] path = (call.rawPath().replaceFirst("^(/openai)?/v1/", "") + "//").split("/", -1);
    String id = URLDecoder.decode(path[1].replace("+", "%2B"), UTF_8);
    String verb = verb(call.method() + " " + path[0], !path[1].isEmpty(), path[2]);
    calls.merge(verb, 1, Integer::sum);
    Fault next = queue(verb).poll();
    return always.spoil(() ->
        (next == null ? Fault.NONE : next).spoil(() -> host.told(verb, does(verb, call, id))));
  }

  private static String verb(String call, boolean one, String more) {
    return switch (call) {
      case "POST files" -> "upload";
      case "GET files" -> !one ? "list-files" : more.isEmpty() ? "file" : "content";
      case "DELETE files" -> "delete";
      case "POST batches" -> one ? "cancel" : "create";
      case "POST chat" -> "single";
      case "GET batches" -> one ? "retrieve" : "list-batches";
      default -> "";
    };
  }

  private Reply does(String verb, Call call, String id) {
    return switch (verb) {
      case "upload" -> upload(call.form());
      case "list-files" ->
          page(
              call.query(),
              account.files(call.query().get("purpose")).stream().map(StoredFile::json).toList(),
              10_000);
      case "file" -> json(found(account.file(id), StoredFile::json));
      case "content" -> content(account.file(id));
      case "delete" -> json(deleted(id));
      case "create" -> create(call);
      case "single" -> single.answer(call);
      case "retrieve" -> json(found(account.batch(id), CountedBatch::json));
      case "list-batches" ->
          page(call.query(), account.listed().stream().map(CountedBatch::json).toList(), 20);
      case "cancel" -> json(found(account.cancel(id), CountedBatch::json));
      default -> Reply.json(404, Fault.error("Invalid URL.", "unknown_url"));
    };
  }

  private Reply upload(Map<String, byte[]> form) {
    byte[] content = form.get("file");
    byte[] name = form.get("filename");
    return content == null || name == null
        ? Reply.json(400, Fault.error("'file' is a required property", "missing_file"))
        : json(account.upload(new String(name, UTF_8), content).json());
  }

  private Reply create(Call call) {
    JsonNode wanted = Json.parse(new String(call.body(), UTF_8));
    return account.file(wanted.path("input_file_id").asText()) == null
        ? Reply.json(400, Fault.error("The input file was not found.", "invalid_input_file"))
        : json(account.create(wanted).json());
  }

  private static Reply content(@Nullable StoredFile file) {
    return file == null
        ? json(null)
        : Reply.of(200, file.content())
            .with("Content-Type", "application/octet-stream")
            .with("Content-Disposition", "attachment; filename=\"%s\"".formatted(file.filename()));
  }

  private @Nullable ObjectNode deleted(String id) {
    return account.delete(id)
        ? JSON.createObjectNode().put("id", id).put("object", "file").put("deleted", true)
        : null;
  }

  private static Reply page(Map<String, String> query, List<ObjectNode> all, int usual) {
    int limit = Integer.parseInt(query.getOrDefault("limit", "" + usual));
    List<ObjectNode> rest =
        query.containsKey("after")
            ? all.stream()
                .dropWhile(entry -> !entry.path("id").asText().equals(query.get("after")))
                .skip(1)
                .toList()
            : all;
    List<ObjectNode> page = rest.stream().limit(limit).toList();
    ObjectNode list = JSON.createObjectNode().put("object", "list");
    list.putArray("data").addAll(page);
    list.put("first_id", page.isEmpty() ? null : page.getFirst().path("id").asText());
    list.put("last_id", page.isEmpty() ? null : page.getLast().path("id").asText());
    return json(list.put("has_more", rest.size() > page.size()));
  }

  private static <T> @Nullable ObjectNode found(@Nullable T entry, Function<T, ObjectNode> json) {
    return entry == null ? null : json.apply(entry);
  }

  private static Reply json(@Nullable ObjectNode answer) {
    return answer == null
        ? Reply.json(404, Fault.error("No such object.", "not_found"))
        : Reply.json(200, answer.toString());
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
