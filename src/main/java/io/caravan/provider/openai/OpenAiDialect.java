package io.caravan.provider.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.job.Batch;
import io.caravan.job.BatchError;
import io.caravan.job.BatchStatus;
import io.caravan.job.Part;
import io.caravan.job.RequestCounts;
import io.caravan.provider.Dialect;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Quirks;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RemoteId;
import io.caravan.provider.RemotePage;
import io.caravan.provider.RetryableProviderException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's Batch API in JSON: absent members, nulls and empty strings mean the same, since
 * compatible servers use all three.
 */
public final class OpenAiDialect implements Dialect {
  private static final JsonMapper JSON = new JsonMapper();

  /** The member of a batch's metadata that carries our key. */
  public static final String KEY = "caravan_part";

  /** Statuses of a file that cannot be used yet (learn.microsoft.com, Azure OpenAI batch). */
  private static final Set<String> PENDING =
      Set.of("pending", "running", "notrunning", "validating", "processing", "in_progress");

  /** The page size of lists with numbered pages. */
  private static final int PAGE = 100;

  @Override
  public String name() {
    return "openai";
  }

  /** The name of a part's file at the provider; after a crash the file is found by this name. */
  public static String fileName(Part part) {
    return part.key() + ".jsonl"; // uploads of other types are rejected
  }

  /** The body that creates a batch. */
  public static String createBatch(Part part, Quirks quirks) {
    ObjectNode body = JSON.createObjectNode();
    if (quirks.jobs()) {
      body.putArray("input_files").add(part.submission().inputFileId());
      body.put("model", part.model()).put("timeout_hours", quirks.hours());
    } else {
      body.put("input_file_id", part.submission().inputFileId());
      body.put("completion_window", quirks.window());
    }
    body.put("endpoint", part.endpoint());
    if (quirks.metadata()) {
      body.putObject("metadata")
          .put(KEY, part.batchKey())
          .put("caravan_job", part.jobId())
          .put(
              "priority",
              "" + part.priority()); // which the embedded server of another Caravan reads
    }
    return body.toString();
  }

  /** The query for the first page of a list, or for the page after the given one. */
  public static String pageQuery(Quirks quirks, int limit, @Nullable String after) {
    if (quirks.jobs()) {
      return "page_size=%d&page=%s".formatted(PAGE, after == null ? "0" : after);
    }
    return after == null
        ? "limit=" + limit
        : "limit=%d&after=%s".formatted(limit, PathSegment.of(after));
  }

  /** The id of the file that an upload created. */
  public static String readFileId(JsonNode file) {
    String id = RemoteId.of(file, "id");
    if (id == null) {
      throw new RetryableProviderException("the answer to an upload has no file id", null);
    }
    return id;
  }

  /** Whether the provider is still checking a file, as Azure does; others use it at once. */
  public static boolean isPending(JsonNode file) {
    String status = text(file, "status");
    return status != null && PENDING.contains(status.toLowerCase(Locale.ROOT));
  }

  /**
   * Checks that a batch can be created from a file.
   *
   * @throws RejectedByProviderException if the provider reports an error in the file
   */
  public static void checkFile(JsonNode file) {
    if ("error".equalsIgnoreCase(text(file, "status"))) {
      String details = text(file, "status_details");
      throw new RejectedByProviderException(
          400,
          "invalid_file",
          "the provider cannot use the file: " + (details == null ? "no details" : details));
    }
  }

  /** The size of the content according to a file object, in bytes; -1 if unknown. */
  public static long readSize(JsonNode file) {
    JsonNode bytes = file.path("bytes");
    return bytes.isIntegralNumber() && bytes.canConvertToLong() ? bytes.asLong() : -1;
  }

  /** Reads a batch object, also one wrapped in the member {@code job}. */
  public static Batch readBatch(JsonNode answer) {
    JsonNode batch = answer.has("id") ? answer : answer.path("job");
    String id = RemoteId.of(batch, "id");
    if (id == null) {
      throw new RetryableProviderException("the answer has no batch id", null);
    }
    return new Batch(
        id,
        BatchStatus.of(text(batch, "status")),
        inputFile(batch),
        RemoteId.of(batch, batch.has("output_file") ? "output_file" : "output_file_id"),
        RemoteId.of(batch, batch.has("error_file") ? "error_file" : "error_file_id"),
        counts(batch),
        errors(batch.path(batch.hasNonNull("errors") ? "errors" : "error")),
        metadata(batch.path("metadata")));
  }

  private static @Nullable String inputFile(JsonNode batch) {
    JsonNode several = batch.path("input_files");
    return several.isArray() ? RemoteId.of(several.path(0)) : RemoteId.of(batch, "input_file_id");
  }

  private static RequestCounts counts(JsonNode batch) {
    JsonNode counts = batch.path("request_counts");
    return batch.has("total_requests")
        ? new RequestCounts(
            batch.path("total_requests").asLong(),
            batch.path("succeeded_requests").asLong(),
            batch.path("failed_requests").asLong())
        : new RequestCounts(
            counts.path("total").asLong(),
            counts.path("completed").asLong(),
            counts.path("failed").asLong());
  }

  /** Reads a page of a list of files or batches; of numbered pages, the last is not full. */
  public static RemotePage readPage(JsonNode list, Quirks quirks, @Nullable String after) {
    RemotePage page = readPage(list);
    if (!quirks.jobs()) {
      return page;
    }
    int next = after == null ? 1 : Integer.parseInt(after) + 1;
    return new RemotePage(page.entries(), page.entries().size() < PAGE ? null : "" + next);
  }

  /** Reads a page of a list of files or batches. */
  public static RemotePage readPage(JsonNode list) {
    var entries = new ArrayList<JsonNode>();
    JsonNode data = list.has("value") ? list.path("value") : list.path("data"); // Azure: value
    (list.isArray() ? list : data).forEach(entries::add);
    boolean more = list.path("has_more").asBoolean() && !entries.isEmpty();
    if (!more) {
      return new RemotePage(entries, null);
    }
    String last =
        text(list, "last_id") == null
            ? RemoteId.of(entries.getLast(), "id")
            : RemoteId.of(list, "last_id");
    if (last == null) {
      throw new RetryableProviderException(
          "the list has more pages, but its last entry has no id", null);
    }
    return new RemotePage(entries, last);
  }

  /** The file on this page with the name and size of the part's file. */
  public static Optional<String> findFile(RemotePage page, Part part) {
    return page.entries().stream()
        .filter(file -> fileName(part).equals(text(file, "filename")))
        .filter(file -> file.path("bytes").asLong() == part.size().bytes())
        .map(OpenAiDialect::readFileId)
        .findFirst();
  }

  /** The batch on this page that was created for the part. */
  public static Optional<Batch> findBatch(RemotePage page, Part part, Quirks quirks) {
    return page.entries().stream()
        .filter(batch ->
            quirks.metadata()
                ? part.batchKey().equals(text(batch.path("metadata"), KEY))
                : isOfFile(readBatch(batch), part))
        .map(OpenAiDialect::readBatch)
        .findFirst();
  }

  /** Ignores failed batches: a full queue may have rejected one, and a later one has this file. */
  private static boolean isOfFile(Batch batch, Part part) {
    return batch.status() != BatchStatus.FAILED
        && batch.inputFileId() != null
        && batch.inputFileId().equals(part.submission().inputFileId());
  }

  private static List<BatchError> errors(JsonNode errors) {
    var list = new ArrayList<BatchError>();
    for (JsonNode error : errors.isArray() ? errors : errors.path("data")) {
      JsonNode line = error.path("line");
      list.add(
          new BatchError(
              text(error, "code"),
              message(error),
              text(error, "param"),
              line.isIntegralNumber() ? line.asLong() : null));
    }
    if (list.isEmpty() && errors.isTextual() && !errors.asText().isBlank()) {
      list.add(new BatchError(null, errors.asText(), null, null));
    }
    return list;
  }

  private static String message(JsonNode error) {
    String message = text(error, "message");
    return message == null ? "no message" : message;
  }

  private static Map<String, String> metadata(JsonNode metadata) {
    var map = new LinkedHashMap<String, String>();
    metadata.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
    return map;
  }

  private static @Nullable String text(JsonNode node, String member) {
    JsonNode value = node.path(member);
    return value.isTextual() && !value.asText().isBlank() ? value.asText() : null;
  }
}
