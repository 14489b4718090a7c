package io.caravan.routes.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A batch whose end is decided at its creation; its visible state depends on the time. */
public final class CountedBatch {
  private static final JsonMapper JSON = new JsonMapper();

  private final String id;
  private final JsonNode wanted;
  private final Instant created;
  private final List<String> customIds;
  private Instant ends;
  private Ending ending;
  private @Nullable Instant cancelled;
  private Map<String, Integer> answers = new TreeMap<>();
  private @Nullable StoredFile output;
  private @Nullable StoredFile errors;

  /**
   * @param wanted the body of the create call
   */
  CountedBatch(String id, JsonNode wanted, List<String> customIds, Duration runs, Ending ending) {
    this.id = id;
    this.wanted = wanted;
    this.customIds = customIds;
    this.created = Instant.now();
    this.ends = created.plus(runs);
    this.ending = ending;
  }

  /** Restores the output of {@link #save()}; unfinished batches end after that time. */
  static CountedBatch saved(JsonNode saved, Duration rest) {
    List<String> customIds = new ArrayList<>();
    saved.path("custom_ids").forEach(customId -> customIds.add(customId.asText()));
    JsonNode ending = saved.path("ending");
    var batch =
        new CountedBatch(
            saved.path("id").asText(),
            saved.path("wanted"),
            customIds,
            saved.path("over").asBoolean() ? Duration.ZERO : rest,
            new Ending(
                ending.path("status").asText(),
                ending.path("answered").asInt(),
                ending.path("code").textValue(),
                ending.path("message").textValue()));
    var answers = new TreeMap<String, Integer>();
    saved
        .path("answers")
        .properties()
        .forEach(answer -> answers.put(answer.getKey(), answer.getValue().asInt()));
    batch.answers(
        answers, StoredFile.saved(saved.path("output")), StoredFile.saved(saved.path("errors")));
    return batch;
  }

  /** Returns its whole state. */
  ObjectNode save() {
    ObjectNode saved = JSON.createObjectNode().put("id", id).put("over", over());
    saved.set("wanted", wanted);
    customIds.forEach(saved.putArray("custom_ids")::add);
    saved
        .putObject("ending")
        .put("status", ending.status())
        .put("answered", ending.answered())
        .put("code", ending.code())
        .put("message", ending.message());
    ObjectNode statuses = saved.putObject("answers");
    answers.forEach(statuses::put);
    saved.set("output", output == null ? null : output.save());
    saved.set("errors", errors == null ? null : errors.save());
    return saved;
  }

  public String id() {
    return id;
  }

  public Instant created() {
    return created;
  }

  public Instant ends() {
    return ends;
  }

  Ending ending() {
    return ending;
  }

  public List<String> customIds() {
    return customIds;
  }

  /** The requests that it answers. */
  List<String> reached() {
    return customIds.subList(0, Math.min(ending.answered(), customIds.size()));
  }

  String inputFile() {
    return wanted.path("input_file_id").asText();
  }

  public String metadata(String key) {
    return wanted.path("metadata").path(key).asText();
  }

  boolean over() {
    return !Instant.now().isBefore(ends);
  }

  /** Sets the status of each request that it answers. */
  void answers(
      Map<String, Integer> statuses, @Nullable StoredFile output, @Nullable StoredFile errors) {
    this.answers = statuses;
    this.output = output;
    this.errors = errors;
  }

  /** Cancels it after the given number of answers. */
  void cancel(int answered) {
    cancelled = Instant.now();
    ending = Ending.cancelled(answered);
    ends = cancelled.plusMillis(50);
  }

  /** Ends it now. */
  void end() {
    ends = Instant.now();
  }

  /** Successful answers are paid for, others are not. */
  List<String> paid() {
    return answers.entrySet().stream()
        .filter(answer -> answer.getValue() == 200)
        .map(Map.Entry::getKey)
        .toList();
  }

  List<StoredFile> files() {
    var files = new ArrayList<StoredFile>();
    if (output != null) {
      files.add(output);
    }
    if (errors != null) {
      files.add(errors);
    }
    return files;
  }

  private String status() {
    if (over()) {
      return ending.status();
    }
    if (cancelled != null) {
      return "cancelling";
    }
    Duration quarter = Duration.between(created, ends).dividedBy(4);
    return Instant.now().isBefore(created.plus(quarter)) ? "validating" : "in_progress";
  }

  /** The batch object in OpenAI's format, with explicit nulls. */
  ObjectNode json() {
    String status = status();
    ObjectNode json = JSON.createObjectNode().put("id", id).put("object", "batch");
    json.set("endpoint", wanted.path("endpoint"));
    json.set("errors", over() ? problems() : JSON.nullNode());
    json.put("input_file_id", inputFile())
        .set("completion_window", wanted.path("completion_window"));
    json.put("status", status);
    json.put("output_file_id", over() && output != null ? output.id() : null);
    json.put("error_file_id", over() && errors != null ? errors.id() : null);
    json.put("created_at", created.getEpochSecond());
    for (String moment :
        List.of(
            "in_progress",
            "finalizing",
            "completed",
            "failed",
            "expired",
            "cancelling",
            "cancelled")) {
      json.put(moment + "_at", moment.equals(status) ? Instant.now().getEpochSecond() : null);
    }
    json.put("expires_at", created.plus(Duration.ofDays(1)).getEpochSecond());
    ObjectNode counts = json.putObject("request_counts");
    counts.put(
        "total", status.equals("validating") || status.equals("failed") ? 0 : customIds.size());
    counts.put("completed", over() ? paid().size() : 0);
    counts.put("failed", over() ? answers.size() - paid().size() : 0);
    json.set("metadata", wanted.has("metadata") ? wanted.path("metadata") : JSON.nullNode());
    return json;
  }

  private JsonNode problems() {
    if (ending.code() == null) {
      return JSON.nullNode();
    }
    ObjectNode problems = JSON.createObjectNode().put("object", "list");
    problems
        .putArray("data")
        .addObject()
        .put("code", ending.code())
        .put("message", ending.message())
        .putNull("param")
        .putNull("line");
    return problems;
  }
}
