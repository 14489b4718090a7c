package io.caravan.routes.fake;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntBiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A customer's account at a provider: files, batches, and what is paid for. */
public final class ProviderAccount {
  private final Map<String, StoredFile> files = new LinkedHashMap<>();
  private final List<StoredFile> everUploaded = new ArrayList<>();
  private final List<StoredFile> inputs = new ArrayList<>();
  private final Map<String, CountedBatch> batches = new LinkedHashMap<>();
  private final Map<String, Integer> tries = new TreeMap<>();
  private final Map<JsonNode, String> byMessages = new HashMap<>();
  private final Random random;
  private int indexed;

  Duration batchesRun = Duration.ofMillis(100);
  Duration listLag = Duration.ZERO;
  long queueLimit = Long.MAX_VALUE;
  Function<List<String>, Ending> endings = customIds -> Ending.COMPLETED;
  ToIntBiFunction<String, Integer> model = (customId, time) -> 200;
  UnaryOperator<List<String>> output = lines -> lines;
  UnaryOperator<String> ids = id -> id;

  ProviderAccount(long seed) {
    random = new Random(seed);
  }

  /** Returns the state for {@link #restore}. */
  public synchronized ObjectNode save() {
    publish();
    ObjectNode saved = new JsonMapper().createObjectNode();
    saved.putArray("files").addAll(files.values().stream().map(StoredFile::save).toList());
    saved.putArray("batches").addAll(batches.values().stream().map(CountedBatch::save).toList());
    return saved;
  }

  /** Restores the state of another account; unfinished batches end after {@link #batchesRun}. */
  public synchronized void restore(JsonNode saved) {
    for (JsonNode one : saved.path("files")) {
      StoredFile file = Objects.requireNonNull(StoredFile.saved(one));
      files.put(file.id(), file);
    }
    for (JsonNode one : saved.path("batches")) {
      CountedBatch batch = CountedBatch.saved(one, batchesRun);
      batches.put(batch.id(), batch);
    }
  }

  synchronized StoredFile upload(String filename, byte[] content) {
    var file = new StoredFile(id("file-"), "batch", filename, content, Instant.now());
    files.put(file.id(), file);
    everUploaded.add(file);
    return file;
  }

  private String id(String prefix) {
    return ids.apply(
        prefix + (files.size() + batches.size()) + "x" + Long.toHexString(random.nextLong()));
  }

  /** Returns a file; output files exist once their batch has ended. */
  synchronized @Nullable StoredFile file(String id) {
    publish();
    return files.get(id);
  }

  synchronized boolean delete(String id) {
    publish();
    return files.remove(id) != null;
  }

  /** Newest first. */
  public synchronized List<StoredFile> files(@Nullable String purpose) {
    publish();
    return files.values().stream()
        .filter(file -> purpose == null || file.purpose().equals(purpose))
        .toList()
        .reversed();
  }

  private final java.util.Set<String> published = new java.util.HashSet<>();

  private void publish() {
    for (CountedBatch batch : batches.values()) {
      if (batch.over() && published.add(batch.id())) {
        batch.files().forEach(file -> files.put(file.id(), file));
      }
    }
  }

  /** The number of batches created from matching files. */
  public synchronized long created(Predicate<StoredFile> input) {
    return inputs.stream().filter(input).count();
  }

  /** Forgets all batches. */
  synchronized void loseBatches() {
    batches.clear();
  }

  /** The ended batches, with their statuses. */
  public synchronized Map<String, String> ended() {
    var ended = new LinkedHashMap<String, String>();
    batches.values().stream()
        .filter(CountedBatch::over)
        .forEach(batch -> ended.put(batch.id(), batch.ending().status()));
    return ended;
  }

  public synchronized void endAll() {
    batches.values().forEach(CountedBatch::end);
  }

  synchronized CountedBatch create(JsonNode wanted) {
    StoredFile input = files.get(wanted.path("input_file_id").asText());
    List<String> lines = input == null ? List.of() : input.lines();
    if (input != null) {
      inputs.add(input);
    }
    List<String> customIds =
        lines.stream().map(line -> Json.parse(line).path("custom_id").asText()).toList();
    var batch =
        new CountedBatch(id("batch_"), wanted, customIds, batchesRun, ending(input, customIds));
    run(batch);
    batches.put(batch.id(), batch);
    return batch;
  }

  private Ending ending(@Nullable StoredFile input, List<String> customIds) {
    if (input == null) {
      return Ending.failed("invalid_input_file", "The input file was not found.");
    }
    String model = model(input);
    long queued =
        batches.values().stream()
            .filter(batch -> !batch.over() && batch.ending().code() == null)
            .map(batch -> files.get(batch.inputFile()))
            .filter(queuing -> queuing != null && model(queuing).equals(model))
            .mapToLong(ProviderAccount::tokens)
            .sum();
    return queued + tokens(input) > queueLimit
        ? Ending.queueFull(model, queueLimit)
        : endings.apply(customIds);
  }

  /** The custom_id of the uploaded request with these messages; null if there is none. */
  synchronized @Nullable String customId(JsonNode messages) {
    for (; indexed < everUploaded.size(); indexed++) {
      for (String line : everUploaded.get(indexed).lines()) {
        JsonNode request = Json.parse(line);
        byMessages.put(request.at("/body/messages"), request.path("custom_id").asText());
      }
    }
    return byMessages.get(messages);
  }

  private static String model(StoredFile input) {
    return Json.parse(input.lines().getFirst()).path("body").path("model").asText();
  }

  private static long tokens(StoredFile input) {
    return tokens(input.lines());
  }

  /** The tokens of the messages in these lines. */
  public static long tokens(List<String> lines) {
    return lines.stream()
        .flatMap(line -> Json.parse(line).at("/body/messages").findValuesAsText("content").stream())
        .mapToLong(text -> text.length() / 4 + 7)
        .sum();
  }

  private void run(CountedBatch batch) {
    var execution =
        new Execution(
            batch,
            customId -> model.applyAsInt(customId, tries.merge(customId, 1, Integer::sum)),
            prompt(batch),
            random);
    batch.answers(
        execution.statuses(),
        file(batch, "output", output.apply(execution.output())),
        file(batch, "error", execution.errors()));
  }

  /** The mean tokens of a prompt of the batch. */
  private long prompt(CountedBatch batch) {
    StoredFile input = files.get(batch.inputFile());
    return input == null ? 7 : tokens(input) / input.lines().size();
  }

  private @Nullable StoredFile file(CountedBatch batch, String kind, List<String> lines) {
    return lines.isEmpty()
        ? null
        : StoredFile.output(id("file-"), batch.id() + "_" + kind + ".jsonl", lines, batch.ends());
  }

  synchronized @Nullable CountedBatch batch(String id) {
    return batches.get(id);
  }

  /** Newest first; new batches appear after the list lag. */
  synchronized List<CountedBatch> listed() {
    Instant newest = Instant.now().minus(listLag);
    return batches.values().stream()
        .filter(batch -> !batch.created().isAfter(newest))
        .toList()
        .reversed();
  }

  /** Cancels a batch, unless it is over, with half of its requests answered. */
  synchronized @Nullable CountedBatch cancel(String id) {
    CountedBatch batch = batches.get(id);
    if (batch != null && !batch.over()) {
      batch.cancel(batch.customIds().size() / 2);
      run(batch);
    }
    return batch;
  }

  public synchronized Collection<CountedBatch> batches() {
    return List.copyOf(batches.values());
  }

  /** The number of payments for each request. */
  public Map<String, Long> paid() {
    return count(batches().stream().flatMap(batch -> batch.paid().stream()));
  }

  /** The number of paid batches for each value of a metadata key. */
  public Map<String, Long> paidBatches(String metadata) {
    return count(
        batches().stream()
            .filter(batch -> !batch.paid().isEmpty())
            .map(batch -> batch.metadata(metadata)));
  }

  private static Map<String, Long> count(Stream<String> names) {
    return names.collect(groupingBy(name -> name, TreeMap::new, counting()));
  }

  public synchronized List<StoredFile> uploads() {
    return List.copyOf(everUploaded);
  }

  /** Existing uploads that no batch was created from. */
  public List<StoredFile> orphans() {
    List<String> used = batches().stream().map(CountedBatch::inputFile).toList();
    return files("batch").stream().filter(file -> !used.contains(file.id())).toList();
  }
}
