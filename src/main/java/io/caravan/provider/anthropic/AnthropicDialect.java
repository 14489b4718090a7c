package io.caravan.provider.anthropic;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.job.Batch;
import io.caravan.job.BatchStatus;
import io.caravan.job.Part;
import io.caravan.job.RequestCounts;
import io.caravan.jsonl.LenientJson;
import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.StrictJson;
import io.caravan.jsonl.split.LineRule;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.provider.Dialect;
import io.caravan.provider.PartRequests;
import io.caravan.provider.Provider;
import io.caravan.provider.RemoteId;
import io.caravan.provider.RemotePage;
import io.caravan.provider.ResultLines;
import io.caravan.provider.RetryableProviderException;
import io.caravan.provider.SingleCalls;
import io.caravan.provider.UntranslatableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Anthropic's Message Batches in JSON, for parts and answers in OpenAI's format. */
public final class AnthropicDialect implements Dialect {
  private static final JsonMapper JSON = StrictJson.MAPPER;
  private static final int HASH = 24;

  /** The {@code url} of requests in Anthropic's own format. */
  static final String NATIVE = "/v1/messages";

  @Override
  public String name() {
    return "anthropic";
  }

  @Override
  public LineRule rule(Provider provider) {
    return (line, start, length) -> problem(line, start, length, provider);
  }

  @Override
  public MediaTokens mediaTokens() {
    return MediaTokens.ANTHROPIC;
  }

  @Override
  public SingleCalls singleCalls() {
    return new Messages();
  }

  /** Why a line of an input file cannot be sent; null if it can. */
  public static @Nullable LineProblem problem(byte[] line, int start, int length, Provider to) {
    try {
      params(JSON.readTree(line, start, length), to);
      return null;
    } catch (UntranslatableException e) {
      return PartRequests.problem(e);
    } catch (IOException e) {
      return PartRequests.unreadable();
    }
  }

  private static JsonNode params(JsonNode request, Provider provider) {
    JsonNode body = request.path("body");
    return request.path("url").asText().equals(NATIVE)
        ? body
        : ChatToMessages.translate(body, provider);
  }

  /** The prefix of the ids of a part's requests; it identifies the part's results. */
  public static String prefix(Part part) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(part.batchKey().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, HASH) + "-";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The body of {@code POST /v1/messages/batches}, written as the part's file is read. */
  public static void writeRequests(Path file, Part part, Provider provider, OutputStream out)
      throws IOException {
    String prefix = prefix(part);
    try (MappingIterator<JsonNode> lines = PartRequests.read(file);
        JsonGenerator json =
            JSON.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
      json.writeStartObject();
      json.writeArrayFieldStart("requests");
      long number = 0;
      while (lines.hasNextValue()) {
        json.writeStartObject();
        json.writeStringField("custom_id", prefix + ++number);
        json.writeFieldName("params");
        json.writeTree(params(lines.nextValue(), provider));
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  /** Reads a batch; once it has ended, its id is also that of its results. */
  public static Batch readBatch(JsonNode batch) {
    String id = RemoteId.of(batch, "id");
    if (id == null) {
      throw new RetryableProviderException("the answer has no batch id", null);
    }
    BatchStatus status = status(batch);
    JsonNode counts = batch.path("request_counts");
    return new Batch(
        id,
        status,
        null,
        status.terminal() ? id : null,
        null,
        new RequestCounts(
            total(counts),
            counts.path("succeeded").asLong(),
            counts.path("errored").asLong()
                + counts.path("canceled").asLong()
                + counts.path("expired").asLong()),
        List.of(),
        Map.of());
  }

  private static BatchStatus status(JsonNode batch) {
    JsonNode counts = batch.path("request_counts");
    return switch (batch.path("processing_status").asText()) {
      case "canceling" -> BatchStatus.CANCELLING;
      case "ended" -> {
        if (counts.path("canceled").asLong() > 0) {
          yield BatchStatus.CANCELLED;
        }
        yield counts.path("expired").asLong() > 0 ? BatchStatus.EXPIRED : BatchStatus.COMPLETED;
      }
      default -> BatchStatus.IN_PROGRESS;
    };
  }

  private static long total(JsonNode counts) {
    long total = 0;
    for (JsonNode count : counts) {
      total += count.asLong();
    }
    return total;
  }

  /** The batches on this page that may have been created for the part. */
  public static List<Batch> candidates(RemotePage page, Part part, Instant since) {
    return page.entries().stream()
        .filter(batch -> !created(batch).isBefore(since))
        .map(AnthropicDialect::readBatch)
        .filter(batch -> batch.counts().total() == part.size().requests())
        .toList();
  }

  /** Whether all further pages are older than that; the list starts with the newest batch. */
  public static boolean isPast(RemotePage page, Instant since) {
    return page.entries().isEmpty() || created(page.entries().getLast()).isBefore(since);
  }

  private static Instant created(JsonNode batch) {
    try {
      return OffsetDateTime.parse(batch.path("created_at").asText()).toInstant();
    } catch (DateTimeParseException e) {
      throw new RetryableProviderException("the list has a batch without a valid created_at", null);
    }
  }

  /** Whether these results belong to the part, according to their ids. */
  public static boolean areOf(Part part, InputStream results) throws IOException {
    try (LineReader lines = new LineReader(results, LineReader.LONGEST_ANSWER)) {
      while (lines.next()) {
        String id =
            lines.isTooLong()
                ? null
                : LenientJson.customId(lines.buffer(), lines.start(), (int) lines.length());
        if (id != null) {
          return id.startsWith(prefix(part));
        }
      }
      return false;
    }
  }

  /**
   * Writes results as lines of OpenAI's output and error files, both to one stream; native requests
   * get native answers.
   *
   * @param provider decides whether its own answers are kept beside the translated ones
   * @param patient whether a file that ends in the middle of a line is requested again
   */
  public static void translateResults(
      InputStream results,
      Path file,
      Part part,
      Provider provider,
      boolean patient,
      OutputStream out)
      throws IOException {
    PartRequests requests = PartRequests.idsIn(file);
    String prefix = prefix(part);
    long created =
        part.submission().endedAt() == null ? 0 : part.submission().endedAt().getEpochSecond();
    var to = new MessageToChat(created, part.endpoint().equals(NATIVE), provider.nativeAnswers());
    new ResultLines(results, patient)
        .write(
            result ->
                to.line(
                    customId(result.path("custom_id").asText(), prefix, requests),
                    result.path("result")),
            LenientJson::customId,
            id -> customId(id, prefix, requests),
            out);
  }

  /** An id that is not ours is kept, and later reported as unknown. */
  private static String customId(String id, String prefix, PartRequests requests) {
    return requests.customId(id.startsWith(prefix) ? id.substring(prefix.length()) : "", id);
  }
}
