package io.caravan.provider;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.batch.Batch;
import io.caravan.batch.BatchError;
import io.caravan.batch.BatchStatus;
import io.caravan.batch.Part;
import io.caravan.batch.RequestCounts;
import io.caravan.jsonl.LineProblem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Gemini's Batch API in JSON, for parts and answers in the shape of OpenAI. */
public final class GeminiDialect {
  /** It becomes a part of the path at which a batch is created. */
  private static final Pattern MODEL = Pattern.compile("(models/)?[A-Za-z0-9][A-Za-z0-9._-]*");

  private static final JsonMapper JSON = new JsonMapper();
  private static final String EMBEDDINGS = "/v1/embeddings";

  /** What requests in Gemini's own shape name. */
  private static final String NATIVE = "/v1beta/generateContent";

  private static final String NATIVE_EMBEDDINGS = "/v1beta/embedContent";

  private GeminiDialect() {}

  /** Why a line of an input file cannot be sent; null when it can. */
  public static @Nullable LineProblem problem(byte[] line, int start, int length) {
    try {
      request(JSON.readTree(line, start, length));
      return null;
    } catch (UntranslatableException e) {
      return PartRequests.problem(e);
    } catch (IOException e) {
      return PartRequests.unreadable();
    }
  }

  private static JsonNode request(JsonNode line) {
    JsonNode body = line.path("body");
    String model = body.path("model").asText();
    if (!model.isEmpty() && !MODEL.matcher(model).matches()) {
      throw ChatToContents.refused(
          "model", "is no name of one of Gemini's models, such as gemini-2.5-flash.");
    }
    return switch (line.path("url").asText()) {
      case NATIVE, NATIVE_EMBEDDINGS ->
          body.deepCopy() instanceof ObjectNode own ? own.without("model") : body;
      case EMBEDDINGS -> embedding(body);
      default -> ChatToContents.translate(body);
    };
  }

  private static ObjectNode embedding(JsonNode body) {
    ObjectNode request = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> member : body.properties()) {
      JsonNode value = member.getValue();
      switch (member.getKey()) {
        case "model" -> {}
        case "input" -> text(request, value);
        case "dimensions" -> request.set("outputDimensionality", value);
        case "encoding_format" -> {
          if (!value.asText("float").equals("float")) {
            throw ChatToContents.refused(
                "encoding_format", "is not float, which is all that Gemini has.");
          }
        }
        default ->
            throw ChatToContents.refused(
                member.getKey(), "has no counterpart at Gemini. Leave it out.");
      }
    }
    return request;
  }

  private static void text(ObjectNode request, JsonNode input) {
    JsonNode text = input.isArray() && input.size() == 1 ? input.path(0) : input;
    if (!text.isTextual()) {
      throw ChatToContents.refused(
          "input",
          "is not one text, which is all that Gemini embeds in a request. Write a line for each.");
    }
    request.putObject("content").putArray("parts").addObject().set("text", text);
  }

  /** The part's requests as Gemini's lines, which are known by their numbers. */
  public static void writeRequests(Path file, OutputStream out) throws IOException {
    try (MappingIterator<JsonNode> lines = PartRequests.read(file)) {
      long number = 0;
      while (lines.hasNextValue()) {
        ObjectNode line = JSON.createObjectNode().put("key", "" + ++number);
        line.set("request", request(lines.nextValue()));
        out.write(JSON.writeValueAsBytes(line));
        out.write('\n');
      }
    }
  }

  /** The body that begins an upload. */
  public static String upload(Part part) {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("file").put("displayName", part.key()).put("mimeType", "application/jsonl");
    return body.toString();
  }

  /** The id of an uploaded file, without {@code files/}. */
  public static String readFileId(JsonNode answer) {
    String id = id(answer.path("file").path("name"), "files/");
    if (id == null) {
      throw new RetryableProviderException("the answer to an upload names no file", null);
    }
    return id;
  }

  /** The path at which a part's batch is created, below the base URL. */
  public static String createPath(Part part) {
    boolean embeddings = isEmbedding(part);
    return "/models/%s:%s"
        .formatted(
            part.model().replaceFirst("^models/", ""),
            embeddings ? "asyncBatchEmbedContent" : "batchGenerateContent");
  }

  private static boolean isEmbedding(Part part) {
    return part.endpoint().equals(EMBEDDINGS) || part.endpoint().equals(NATIVE_EMBEDDINGS);
  }

  /** The body that creates a part's batch, whose display name is our key. */
  public static String createBatch(Part part) {
    ObjectNode body = JSON.createObjectNode();
    ObjectNode batch = body.putObject("batch").put("displayName", part.batchKey());
    batch.putObject("inputConfig").put("fileName", "files/" + part.inputFileId());
    return body.toString();
  }

  /** A batch as an operation describes it; either place may name the results. */
  public static Batch readBatch(JsonNode operation) {
    JsonNode metadata = operation.path("metadata");
    String id = id(operation.path("name"), "batches/");
    if (id == null) {
      throw new RetryableProviderException("the answer names no batch", null);
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

  /** An operation that is done says how it ended, whatever its state says. */
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

  /** One page of the list of batches. */
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

  /** The batches on this page. */
  public static List<Batch> readBatches(RemotePage page) {
    return page.entries().stream().map(GeminiDialect::readBatch).toList();
  }

  private static @Nullable String id(JsonNode name, String prefix) {
    String text = name.asText();
    return OpenAiDialect.id(
        JSON.createObjectNode()
            .put("id", text.startsWith(prefix) ? text.substring(prefix.length()) : text),
        "id");
  }

  /**
   * Writes results as lines of OpenAI's output and error files, which are told apart by content;
   * native requests get native answers.
   *
   * @param provider whose own answers may be kept beside the translated ones
   * @param whole how many there have to be
   */
  public static void translateResults(
      InputStream results, Path file, Part part, Provider provider, long whole, OutputStream out)
      throws IOException {
    PartRequests requests = PartRequests.idsIn(file);
    var to =
        new ContentToChat(
            part.model(),
            part.endedAt() == null ? 0 : part.endedAt().getEpochSecond(),
            isEmbedding(part),
            part.endpoint().startsWith("/v1beta/"),
            provider.nativeAnswers());
    long read = 0;
    var lines = new BufferedReader(new InputStreamReader(results, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.isBlank()) {
        JsonNode result = result(line);
        String key = result.path("key").asText();
        out.write(JSON.writeValueAsBytes(to.line(requests.customId(key, key), result)));
        out.write('\n');
        read++;
      }
    }
    if (read < whole) {
      throw new RetryableProviderException(
          "the results broke off after %d of %d".formatted(read, whole), null);
    }
  }

  private static JsonNode result(String line) {
    try {
      return JSON.readTree(line);
    } catch (JacksonException e) {
      throw new RetryableProviderException("the results broke off in the middle of a line", null);
    }
  }
}
