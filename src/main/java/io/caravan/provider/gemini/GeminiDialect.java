package io.caravan.provider.gemini;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.TokenFilter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.job.Batch;
import io.caravan.job.BatchError;
import io.caravan.job.BatchStatus;
import io.caravan.job.Part;
import io.caravan.job.RequestCounts;
import io.caravan.jsonl.split.LineRule;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.provider.Dialect;
import io.caravan.provider.Provider;
import io.caravan.provider.RemoteId;
import io.caravan.provider.RemotePage;
import io.caravan.provider.RetryableProviderException;
import io.caravan.provider.SingleCalls;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gemini's Batch API in JSON, for parts and answers in OpenAI's format. */
public final class GeminiDialect implements Dialect {
  private static final JsonMapper JSON = new JsonMapper();

  /** The array of answers to inline requests; for embeddings it is in a further member. */
  static final String INLINED = "inlinedResponses";

  private static final TokenFilter WITHOUT_ANSWERS =
      new TokenFilter() {
        @Override
        public @Nullable TokenFilter includeProperty(String name) {
          return name.equals(INLINED) ? null : this;
        }
      };

  @Override
  public String name() {
    return "gemini";
  }

  @Override
  public LineRule rule(Provider provider) {
    return GeminiRequests::problem;
  }

  @Override
  public MediaTokens mediaTokens() {
    return MediaTokens.GEMINI;
  }

  @Override
  public SingleCalls singleCalls() {
    return new GenerateContent();
  }

  /** The body that starts an upload. */
  public static String upload(Part part) {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("file").put("displayName", part.key()).put("mimeType", "application/jsonl");
    return body.toString();
  }

  /** The id of an uploaded file, without {@code files/}. */
  public static String readFileId(JsonNode answer) {
    String id = id(answer.path("file").path("name"), "files/");
    if (id == null) {
      throw new RetryableProviderException("the answer to an upload has no file id", null);
    }
    return id;
  }

  /** The path at which a part's batch is created, below the base URL. */
  public static String createPath(Part part) {
    boolean embeddings = GeminiRequests.isEmbedding(part);
    return "/models/%s:%s"
        .formatted(
            part.model().replaceFirst("^models/", ""),
            embeddings ? "asyncBatchEmbedContent" : "batchGenerateContent");
  }

  /**
   * The body that creates a part's batch, whose display name is our key.
   *
   * @param webhook the address that is called when the batch has ended; null for none
   */
  public static String createBatch(Part part, @Nullable String webhook) {
    ObjectNode body = JSON.createObjectNode();
    ObjectNode batch = body.putObject("batch").put("displayName", part.batchKey());
    if (takesWebhook(part) && webhook != null) {
      batch.putObject("webhookConfig").putArray("uris").add(webhook);
    }
    batch.putObject("inputConfig").put("fileName", "files/" + part.submission().inputFileId());
    return body.toString();
  }

  /** Whether a batch may have a webhook; for embeddings, no member is documented. */
  static boolean takesWebhook(Part part) {
    return !GeminiRequests.isEmbedding(part);
  }

  /** Reads a batch from an operation, skipping the answers to inline requests. */
  public static Batch readBatch(InputStream operation) {
    try (JsonParser json = JSON.createParser(operation);
        var rest =
            new FilteringParserDelegate(
                json, WITHOUT_ANSWERS, TokenFilter.Inclusion.INCLUDE_ALL_AND_PATH, true)) {
      return readBatch(JSON.<JsonNode>readTree(rest));
    } catch (IOException e) {
      throw new RetryableProviderException("the batch is not valid JSON, or was cut off", null);
    }
  }

  /** Reads a batch from an operation, which names the results file in one of two places. */
  public static Batch readBatch(JsonNode operation) {
    JsonNode metadata = operation.path("metadata");
    String id = id(operation.path("name"), "batches/");
    if (id == null) {
      throw new RetryableProviderException("the answer has no batch id", null);
    }
    JsonNode stats = metadata.path("batchStats");
    JsonNode results = operation.at("/response/responsesFile");
    return new Batch(
        id,
        status(operation),
        id(metadata.at("/inputConfig/fileName"), "files/"),
        id(results.isTextual() ? results : metadata.at("/output/responsesFile"), "files/"),
        null,
        new RequestCounts(
            stats.path("requestCount").asLong(),
            stats.path("successfulRequestCount").asLong(),
            stats.path("failedRequestCount").asLong()),
        errors(operation.path("error")),
        Map.of());
  }

  /** A known state decides; otherwise {@code done} and {@code error} do. */
  private static BatchStatus status(JsonNode operation) {
    String state = operation.at("/metadata/state").asText().replaceFirst("^(BATCH|JOB)_STATE_", "");
    return switch (state) {
      case "SUCCEEDED", "PARTIALLY_SUCCEEDED" -> BatchStatus.COMPLETED;
      case "FAILED" -> BatchStatus.FAILED;
      case "CANCELLING" -> BatchStatus.CANCELLING;
      case "CANCELLED" -> BatchStatus.CANCELLED;
      case "EXPIRED" -> BatchStatus.EXPIRED;
      case "PENDING", "QUEUED" -> BatchStatus.VALIDATING;
      default ->
          !operation.path("done").asBoolean()
              ? BatchStatus.IN_PROGRESS
              : operation.has("error") ? BatchStatus.FAILED : BatchStatus.COMPLETED;
    };
  }

  private static List<BatchError> errors(JsonNode error) {
    return error.isObject()
        ? List.of(
            new BatchError(
                error.path("status").asText(error.path("code").asText()),
                error.path("message").asText("no message"),
                null,
                null))
        : List.of();
  }

  /** Reads a page of the list of batches. */
  public static RemotePage readPage(JsonNode list) {
    var entries = new ArrayList<JsonNode>();
    list.path("operations").forEach(entries::add);
    String next = list.path("nextPageToken").asText();
    return new RemotePage(entries, next.isBlank() ? null : next);
  }

  /** The batch on this page that was created for the part. */
  public static Optional<Batch> findBatch(RemotePage page, Part part) {
    return page.entries().stream()
        .filter(batch -> part.batchKey().equals(batch.at("/metadata/displayName").asText()))
        .map(GeminiDialect::readBatch)
        .findFirst();
  }

  private static @Nullable String id(JsonNode name, String prefix) {
    String text = name.asText();
    return RemoteId.of(
        JSON.createObjectNode()
            .put("id", text.startsWith(prefix) ? text.substring(prefix.length()) : text),
        "id");
  }
}
