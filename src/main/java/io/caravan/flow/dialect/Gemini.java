package io.caravan.flow.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.RemoteFile;
import io.caravan.flow.call.Calls;
import io.caravan.job.Batch;
import io.caravan.job.BatchStatus;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.provider.PathSegment;
import io.caravan.provider.RemotePage;
import io.caravan.provider.RetryableProviderException;
import io.caravan.provider.gemini.GeminiDialect;
import io.caravan.provider.gemini.GeminiRequests;
import io.caravan.provider.gemini.GeminiResults;
import io.caravan.workspace.JobFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Builds the requests of the {@code gemini} routes and reads their answers. */
@Component("gemini")
public class Gemini extends DialectCalls {
  private static final String JSON = "application/json";

  /** Expired and failed batches have no answers. */
  private static final Set<BatchStatus> MAY_HAVE_ANSWERS =
      Set.of(BatchStatus.COMPLETED, BatchStatus.CANCELLED);

  private final @Nullable String webhook;

  Gemini(Flow flow, FlowProperties.Webhooks webhooks) {
    super(flow);
    this.webhook = webhooks.address("gemini").orElse(null);
  }

  /** Whether the part needs no upload because its requests fit into the create call. */
  public boolean fitInline(@ExchangeProperty(ExchangeProperties.PART) Part part)
      throws IOException {
    long most = providers.get(part.provider()).maxInlineBytes().toBytes();
    if (part.status() != PartStatus.UPLOADING) {
      return false;
    }
    try (JobFiles files = workspace.open(part)) {
      return GeminiRequests.fitInline(files.part(part), part, most);
    }
  }

  /** Starts a resumable upload of the translated requests; its size must be known first. */
  public void writeUploadStart(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) throws IOException {
    long size;
    try (JobFiles files = workspace.open(part)) {
      size = GeminiRequests.size(files.part(part));
    }
    exchange.setProperty(ExchangeProperties.SIZE, size);
    Message message = exchange.getMessage();
    calls.start(part, message);
    URI base = URI.create(providers.get(part.provider()).base());
    String origin = base.getScheme() + "://" + base.getRawAuthority();
    exchange.setProperty(ExchangeProperties.ORIGIN, origin);
    message.setHeader(Exchange.HTTP_URI, origin);
    calls.address(
        "POST", base.getRawPath().replaceFirst("(/[^/]*)$", "/upload$1") + "/files", message);
    message.setHeader("X-Goog-Upload-Protocol", "resumable");
    message.setHeader("X-Goog-Upload-Command", "start");
    message.setHeader("X-Goog-Upload-Header-Content-Length", size);
    message.setHeader("X-Goog-Upload-Header-Content-Type", "application/jsonl");
    message.setHeader(Exchange.CONTENT_TYPE, JSON);
    message.setBody(GeminiDialect.upload(part));
  }

  /** Stores the upload URL, of which only path and query are used: the host stays ours. */
  public void readUploadStart(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    calls.answer(part.provider(), exchange);
    String url = exchange.getMessage().getHeader("X-Goog-Upload-URL", String.class);
    try {
      exchange.setProperty(
          ExchangeProperties.SESSION, URI.create(Objects.requireNonNullElse(url, "")));
    } catch (IllegalArgumentException e) {
      exchange.setProperty(ExchangeProperties.SESSION, URI.create(""));
    }
  }

  /** Writes the upload of the translated requests in one piece. */
  public void writeUpload(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.SESSION) URI session,
      @ExchangeProperty(ExchangeProperties.SIZE) long size,
      Exchange exchange)
      throws IOException {
    if (session.getRawPath() == null || session.getRawPath().isEmpty()) {
      throw new RetryableProviderException(
          "the answer to the start of an upload names no upload URL", null);
    }
    JobFiles files = open(part, exchange);
    Path file = files.part(part);
    Message message = exchange.getMessage();
    calls.start(part, message);
    message.setHeader(
        Exchange.HTTP_URI, exchange.getProperty(ExchangeProperties.ORIGIN, String.class));
    calls.address("POST", session.getRawPath(), message);
    message.setHeader(Exchange.HTTP_QUERY, session.getRawQuery());
    calls.transfer(message, Calls.mostBytes(part, -1));
    message.setHeader("X-Goog-Upload-Offset", "0");
    message.setHeader("X-Goog-Upload-Command", "upload, finalize");
    message.setHeader(Exchange.CONTENT_TYPE, "application/jsonl");
    message.setBody(
        new EntityTemplate(
            size,
            ContentType.create("application/jsonl"),
            null,
            out -> GeminiRequests.writeLines(file, out)));
  }

  /** Stores the id of the uploaded file. */
  public void readUpload(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    submit.uploaded(
        part, GeminiDialect.readFileId(calls.answer(part.provider(), exchange).json()), exchange);
  }

  /** Writes the create, with the uploaded file or with inline requests. */
  public void writeCreate(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange)
      throws IOException {
    Message message = exchange.getMessage();
    calls.start(part, message);
    calls.address("POST", GeminiDialect.createPath(part), message);
    calls.transfer(message, Calls.mostBytes(part, -1));
    message.setHeader(Exchange.CONTENT_TYPE, JSON);
    if (part.submission().inputFileId() != null) {
      message.setBody(GeminiDialect.createBatch(part, webhook));
      return;
    }
    JobFiles files = open(part, exchange);
    Path file = files.part(part);
    message.setBody(
        new EntityTemplate(
            -1, // the length is unknown before it is sent
            ContentType.APPLICATION_JSON,
            null,
            out -> GeminiRequests.writeInline(file, part, webhook, out)));
  }

  /** Writes the request for the batch, which holds the answers to inline requests. */
  public void writeGetBatch(@ExchangeProperty(ExchangeProperties.PART) Part part, Message message) {
    writeGet(part, message);
    calls.transfer(message, Calls.mostBytes(part, -1));
  }

  @Override
  Batch batch(JsonNode answer) {
    return GeminiDialect.readBatch(answer);
  }

  @Override
  RemotePage page(JsonNode list, String provider, @Nullable String after) {
    return GeminiDialect.readPage(list);
  }

  @Override
  String query(String provider, @Nullable String after) {
    String query = "pageSize=100";
    return after == null ? query : query + "&pageToken=" + PathSegment.of(after);
  }

  @Override
  void look(Part part, Exchange exchange) {
    search(part, exchange, page -> GeminiDialect.findBatch(page, part));
  }

  /** Stores the batch status; the batch holds the answers to inline requests. */
  @Override
  public void readBatch(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.status(part, exchange, answer -> GeminiDialect.readBatch(answer.body()));
  }

  /** The results file, or the batch itself for the answers to inline requests. */
  public List<RemoteFile> resultsToRetrieve(@ExchangeProperty(ExchangeProperties.PART) Part part)
      throws IOException {
    if (part.submission().inputFileId() != null) {
      return retrieve.filesToRetrieve(part);
    }
    if (part.submission().batchId() == null
        || !MAY_HAVE_ANSWERS.contains(part.submission().batchStatus())) {
      return List.of();
    }
    return retrieve.unlessHere(part, part.submission().batchId());
  }

  /** Writes the request for the results. */
  public void writeGetResults(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.FILE) RemoteFile file,
      Message message) {
    writeGetBatch(part, message);
    if (part.submission().inputFileId() == null) {
      calls.address("GET", "/batches/" + file.segment(), message);
    } else {
      calls.address("GET", "/files/%s:download".formatted(file.segment()), message);
      message.setHeader(Exchange.HTTP_QUERY, "alt=media");
    }
  }

  /** Streams the results into the workspace, translated into OpenAI's format. */
  public void readResults(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.FILE) RemoteFile file,
      Exchange exchange)
      throws IOException {
    translate(part, file, exchange, GeminiResults::translate);
  }

  /** The URL paths of the part's batch and files at the provider. */
  public Stream<String> leftovers(@ExchangeProperty(ExchangeProperties.PART) Part part) {
    return Stream.concat(
        Stream.ofNullable(part.submission().batchId()).map(id -> "/batches/" + PathSegment.of(id)),
        Stream.of(part.submission().inputFileId(), part.submission().outputFileId())
            .filter(Objects::nonNull)
            .map(id -> "/files/" + PathSegment.of(id)));
  }
}
