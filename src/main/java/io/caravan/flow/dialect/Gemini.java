package io.caravan.flow.dialect;

import io.caravan.flow.CloseAfterExchange;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.RemoteFile;
import io.caravan.flow.call.Calls;
import io.caravan.flow.step.Retrieve;
import io.caravan.flow.step.Submit;
import io.caravan.job.BatchStatus;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RemotePage;
import io.caravan.provider.RetryableProviderException;
import io.caravan.provider.gemini.GeminiDialect;
import io.caravan.provider.gemini.GeminiRequests;
import io.caravan.provider.gemini.GeminiResults;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
public class Gemini {
  private static final String JSON = "application/json";

  /** Expired and failed batches have no answers. */
  private static final Set<BatchStatus> MAY_HAVE_ANSWERS =
      Set.of(BatchStatus.COMPLETED, BatchStatus.CANCELLED);

  private final Calls calls;
  private final BatchCalls batchCalls;
  private final Providers providers;
  private final Workspace workspace;
  private final Submit submit;
  private final Retrieve retrieve;

  Gemini(
      Calls calls,
      BatchCalls batchCalls,
      Providers providers,
      Workspace workspace,
      Submit submit,
      Retrieve retrieve) {
    this.calls = calls;
    this.batchCalls = batchCalls;
    this.providers = providers;
    this.workspace = workspace;
    this.submit = submit;
    this.retrieve = retrieve;
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
    exchange.setProperty(
        ExchangeProperties.ORIGIN, base.getScheme() + "://" + base.getRawAuthority());
    message.setHeader(
        Exchange.HTTP_PATH, base.getRawPath().replaceFirst("(/[^/]*)$", "/upload$1") + "/files");
    message.setHeader("X-Goog-Upload-Protocol", "resumable");
    message.setHeader("X-Goog-Upload-Command", "start");
    message.setHeader("X-Goog-Upload-Header-Content-Length", size);
    message.setHeader("X-Goog-Upload-Header-Content-Type", "application/jsonl");
    message.setHeader(Exchange.CONTENT_TYPE, JSON);
    message.setBody(GeminiDialect.upload(part));
  }

  /** Store the upload URL, of which only path and query are used: the host stays ours. */
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
    JobFiles files = workspace.open(part);
    exchange
        .getExchangeExtension()
        .addOnCompletion(new CloseAfterExchange(files)); // the body is read later
    Path file = files.part(part);
    Message message = exchange.getMessage();
    calls.start(part, message);
    message.setHeader(Exchange.HTTP_PATH, session.getRawPath());
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

  /** Store the id of the uploaded file. */
  public void readUpload(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    submit.uploaded(
        part, GeminiDialect.readFileId(calls.answer(part.provider(), exchange).json()), exchange);
  }

  /** Writes the create, with the uploaded file or with inline requests. */
  public void writeCreate(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange)
      throws IOException {
    Message message = exchange.getMessage();
    calls.start(part, message);
    message.setHeader(Exchange.HTTP_PATH, GeminiDialect.createPath(part));
    calls.transfer(message, Calls.mostBytes(part, -1));
    message.setHeader(Exchange.CONTENT_TYPE, JSON);
    if (part.submission().inputFileId() != null) {
      message.setBody(GeminiDialect.createBatch(part));
      return;
    }
    JobFiles files = workspace.open(part);
    exchange
        .getExchangeExtension()
        .addOnCompletion(new CloseAfterExchange(files)); // the body is read later
    Path file = files.part(part);
    message.setBody(
        new EntityTemplate(
            -1, // the length is unknown before it is sent
            ContentType.APPLICATION_JSON,
            null,
            out -> GeminiRequests.writeInline(file, part, out)));
  }

  /** Store the id of the created batch. */
  public void readCreate(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.created(part, exchange, GeminiDialect::readBatch);
  }

  /** Writes a call without a body. */
  public void writeGet(@ExchangeProperty(ExchangeProperties.PART) Part part, Message message) {
    calls.start(part, message);
    message.setBody(null);
  }

  /** Writes the request for the batch, which holds the answers to inline requests. */
  public void writeGetBatch(@ExchangeProperty(ExchangeProperties.PART) Part part, Message message) {
    writeGet(part, message);
    calls.transfer(message, Calls.mostBytes(part, -1));
  }

  /** Whether the search needs another page. */
  public boolean morePages(
      @ExchangeProperty(ExchangeProperties.FOUND) @Nullable Object found,
      @ExchangeProperty(ExchangeProperties.AFTER) @Nullable String after) {
    return found == null && !"".equals(after);
  }

  /** Writes the request for a page of the batch list. */
  public void writeListBatches(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider,
      @ExchangeProperty(ExchangeProperties.AFTER) @Nullable String after,
      Message message) {
    calls.start(provider, message);
    message.setBody(null);
    String query = "pageSize=100";
    message.setHeader(
        Exchange.HTTP_QUERY, after == null ? query : query + "&pageToken=" + PathSegment.of(after));
  }

  /** Searches a page for the part's batch; without the list, its creation is unknown. */
  public void readListBatches(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    RemotePage page;
    try {
      page = GeminiDialect.readPage(calls.answer(part.provider(), exchange).json());
    } catch (RejectedByProviderException e) {
      throw BatchCalls.unknown(e);
    }
    Optional<?> found = GeminiDialect.findBatch(page, part);
    if (found.isEmpty() && isAgain(page, exchange)) {
      throw new RetryableProviderException(
          "cannot search for the outcome of an interrupted call: the list repeats the same page",
          null);
    }
    found.ifPresent(it -> exchange.setProperty(ExchangeProperties.FOUND, it));
    exchange.setProperty(ExchangeProperties.AFTER, page.after() == null ? "" : page.after());
  }

  private static boolean isAgain(RemotePage page, Exchange exchange) {
    return page.after() != null
        && page.after().equals(exchange.getProperty(ExchangeProperties.AFTER));
  }

  /** Store the batches of a page in the exchange. */
  public void readStatuses(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider, Exchange exchange) {
    RemotePage page = GeminiDialect.readPage(calls.answer(provider, exchange).json());
    boolean over = page.after() == null || isAgain(page, exchange);
    exchange.setProperty(ExchangeProperties.LISTED, GeminiDialect.readBatches(page));
    exchange.setProperty(ExchangeProperties.AFTER, over ? "" : page.after());
  }

  /** Store the batch status in the exchange. */
  public void readBatch(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.status(part, exchange, answer -> GeminiDialect.readBatch(answer.body()));
  }

  /** Accepts a refused cancel: the batch has ended. */
  public void readCancel(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.cancelled(part, exchange);
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
      message.setHeader(Exchange.HTTP_PATH, "/batches/" + file.segment());
    } else {
      message.setHeader(Exchange.HTTP_PATH, "/files/%s:download".formatted(file.segment()));
      message.setHeader(Exchange.HTTP_QUERY, "alt=media");
    }
  }

  /** Streams the results into the workspace, translated into OpenAI's format. */
  public void readResults(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.FILE) RemoteFile file,
      Exchange exchange)
      throws IOException {
    Provider provider = providers.get(part.provider());
    boolean patient = retrieve.mayStillCome(part);
    retrieve.translate(
        part,
        file,
        exchange,
        (results, requests, out) ->
            GeminiResults.translate(results, requests, part, provider, patient, out));
  }

  /** The URL paths of the part's batch and files at the provider. */
  public Stream<String> leftovers(@ExchangeProperty(ExchangeProperties.PART) Part part) {
    return Stream.concat(
        Stream.ofNullable(part.submission().batchId()).map(id -> "/batches/" + PathSegment.of(id)),
        Stream.of(part.submission().inputFileId(), part.submission().outputFileId())
            .filter(Objects::nonNull)
            .map(id -> "/files/" + PathSegment.of(id)));
  }

  /** Accepts a refused delete: the file or batch stays until it expires. */
  public void readDeletion(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.deleted(part, exchange);
  }
}
