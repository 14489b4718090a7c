package io.caravan.flow.dialect;

import io.caravan.flow.CloseAfterExchange;
import io.caravan.flow.RemoteFile;
import io.caravan.flow.call.Calls;
import io.caravan.flow.step.Retrieve;
import io.caravan.flow.step.Submit;
import io.caravan.job.BatchStatus;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.provider.GeminiDialect;
import io.caravan.provider.GeminiRequests;
import io.caravan.provider.GeminiResults;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RemotePage;
import io.caravan.provider.RetryableProviderException;
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

/**
 * Writes each call of the {@code gemini} routes into the message and reads its answer out of it.
 */
@Component("gemini")
public class Gemini {
  private static final String JSON = "application/json";

  /** What expired or failed as a whole has none. */
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

  /** Whether the part's requests need no upload, since they fit into the call that creates it. */
  public boolean fitInline(@ExchangeProperty("part") Part part) throws IOException {
    long most = providers.get(part.provider()).maxInlineBytes().toBytes();
    if (part.status() != PartStatus.UPLOADING) {
      return false;
    }
    try (JobFiles files = workspace.open(part)) {
      return GeminiRequests.fitInline(files.part(part), part, most);
    }
  }

  /** Begins a resumable upload of the translated requests, whose size has to be known before. */
  public void writeUploadStart(@ExchangeProperty("part") Part part, Exchange exchange)
      throws IOException {
    long size;
    try (JobFiles files = workspace.open(part)) {
      size = GeminiRequests.size(files.part(part));
    }
    exchange.setProperty("size", size);
    Message message = exchange.getMessage();
    calls.start(part, message);
    URI base = URI.create(providers.get(part.provider()).base());
    exchange.setProperty("origin", base.getScheme() + "://" + base.getRawAuthority());
    message.setHeader(
        Exchange.HTTP_PATH, base.getRawPath().replaceFirst("(/[^/]*)$", "/upload$1") + "/files");
    message.setHeader("X-Goog-Upload-Protocol", "resumable");
    message.setHeader("X-Goog-Upload-Command", "start");
    message.setHeader("X-Goog-Upload-Header-Content-Length", size);
    message.setHeader("X-Goog-Upload-Header-Content-Type", "application/jsonl");
    message.setHeader(Exchange.CONTENT_TYPE, JSON);
    message.setBody(GeminiDialect.upload(part));
  }

  /** Where the bytes go: at the host that we call, whatever host the answer names. */
  public void readUploadStart(@ExchangeProperty("part") Part part, Exchange exchange) {
    calls.answer(part.provider(), exchange);
    String url = exchange.getMessage().getHeader("X-Goog-Upload-URL", String.class);
    try {
      exchange.setProperty("session", URI.create(Objects.requireNonNullElse(url, "")));
    } catch (IllegalArgumentException e) {
      exchange.setProperty("session", URI.create(""));
    }
  }

  /** The translated requests, in one piece. */
  public void writeUpload(
      @ExchangeProperty("part") Part part,
      @ExchangeProperty("session") URI session,
      @ExchangeProperty("size") long size,
      Exchange exchange)
      throws IOException {
    if (session.getRawPath() == null || session.getRawPath().isEmpty()) {
      throw new RetryableProviderException("the answer to an upload says no place for it", null);
    }
    JobFiles files = workspace.open(part);
    exchange
        .getExchangeExtension()
        .addOnCompletion(new CloseAfterExchange(files)); // it is read later
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

  /** Stores the id of the uploaded file. */
  public void readUpload(@ExchangeProperty("part") Part part, Exchange exchange) {
    submit.uploaded(
        part, GeminiDialect.readFileId(calls.answer(part.provider(), exchange).json()), exchange);
  }

  /** Creates the part's batch of its file, or of the requests themselves. */
  public void writeCreate(@ExchangeProperty("part") Part part, Exchange exchange)
      throws IOException {
    Message message = exchange.getMessage();
    calls.start(part, message);
    message.setHeader(Exchange.HTTP_PATH, GeminiDialect.createPath(part));
    calls.transfer(message, Calls.mostBytes(part, -1));
    message.setHeader(Exchange.CONTENT_TYPE, JSON);
    if (part.inputFileId() != null) {
      message.setBody(GeminiDialect.createBatch(part));
      return;
    }
    JobFiles files = workspace.open(part);
    exchange
        .getExchangeExtension()
        .addOnCompletion(new CloseAfterExchange(files)); // it is read later
    Path file = files.part(part);
    message.setBody(
        new EntityTemplate(
            -1, // which is known when it is sent
            ContentType.APPLICATION_JSON,
            null,
            out -> GeminiRequests.writeInline(file, part, out)));
  }

  /** Stores the id of the created batch. */
  public void readCreate(@ExchangeProperty("part") Part part, Exchange exchange) {
    batchCalls.created(part, exchange, GeminiDialect::readBatch);
  }

  /** A call without a body. */
  public void writeGet(@ExchangeProperty("part") Part part, Message message) {
    calls.start(part, message);
    message.setBody(null);
  }

  /** Asks for the batch, which holds the answers to inline requests. */
  public void writeGetBatch(@ExchangeProperty("part") Part part, Message message) {
    writeGet(part, message);
    calls.transfer(message, Calls.mostBytes(part, -1));
  }

  /** Whether a search has to go on. */
  public boolean morePages(
      @ExchangeProperty("found") @Nullable Object found,
      @ExchangeProperty("after") @Nullable String after) {
    return found == null && !"".equals(after);
  }

  /** A page of the list of batches. */
  public void writeListBatches(
      @ExchangeProperty("provider") String provider,
      @ExchangeProperty("after") @Nullable String after,
      Message message) {
    calls.start(provider, message);
    message.setBody(null);
    String query = "pageSize=100";
    message.setHeader(
        Exchange.HTTP_QUERY, after == null ? query : query + "&pageToken=" + PathSegment.of(after));
  }

  /** Looks for the part's batch on a page; without a list nobody knows whether one was paid for. */
  public void readListBatches(@ExchangeProperty("part") Part part, Exchange exchange) {
    RemotePage page;
    try {
      page = GeminiDialect.readPage(calls.answer(part.provider(), exchange).json());
    } catch (RejectedByProviderException e) {
      throw BatchCalls.unknown(e);
    }
    Optional<?> found = GeminiDialect.findBatch(page, part);
    if (found.isEmpty() && isAgain(page, exchange)) {
      throw new RetryableProviderException(
          "cannot look for what an interrupted call left: the list gives the same page again",
          null);
    }
    found.ifPresent(it -> exchange.setProperty("found", it));
    exchange.setProperty("after", page.after() == null ? "" : page.after());
  }

  private static boolean isAgain(RemotePage page, Exchange exchange) {
    return page.after() != null && page.after().equals(exchange.getProperty("after"));
  }

  /** Keeps what a page says about the batches on it. */
  public void readStatuses(@ExchangeProperty("provider") String provider, Exchange exchange) {
    RemotePage page = GeminiDialect.readPage(calls.answer(provider, exchange).json());
    boolean over = page.after() == null || isAgain(page, exchange);
    exchange.setProperty("listed", GeminiDialect.readBatches(page));
    exchange.setProperty("after", over ? "" : page.after());
  }

  /** Keeps the batch as the provider describes it. */
  public void readBatch(@ExchangeProperty("part") Part part, Exchange exchange) {
    batchCalls.status(part, exchange, answer -> GeminiDialect.readBatch(answer.body()));
  }

  /** A batch that cannot be cancelled any more has ended. */
  public void readCancel(@ExchangeProperty("part") Part part, Exchange exchange) {
    batchCalls.cancelled(part, exchange);
  }

  /** The file with the results, or the batch itself, which has the answers to inline requests. */
  public List<RemoteFile> resultsToRetrieve(@ExchangeProperty("part") Part part)
      throws IOException {
    if (part.inputFileId() != null) {
      return retrieve.filesToRetrieve(part);
    }
    if (part.batchId() == null || !MAY_HAVE_ANSWERS.contains(part.batchStatus())) {
      return List.of();
    }
    return retrieve.unlessHere(part, part.batchId());
  }

  /** Asks for the results. */
  public void writeGetResults(
      @ExchangeProperty("part") Part part,
      @ExchangeProperty("file") RemoteFile file,
      Message message) {
    writeGetBatch(part, message);
    if (part.inputFileId() == null) {
      message.setHeader(Exchange.HTTP_PATH, "/batches/" + file.segment());
    } else {
      message.setHeader(Exchange.HTTP_PATH, "/files/%s:download".formatted(file.segment()));
      message.setHeader(Exchange.HTTP_QUERY, "alt=media");
    }
  }

  /** Streams the results into the workspace, each as a line of OpenAI's. */
  public void readResults(
      @ExchangeProperty("part") Part part,
      @ExchangeProperty("file") RemoteFile file,
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

  /** The paths of what the part has at the provider: its batch and files. */
  public Stream<String> leftovers(@ExchangeProperty("part") Part part) {
    return Stream.concat(
        Stream.ofNullable(part.batchId()).map(id -> "/batches/" + PathSegment.of(id)),
        Stream.of(part.inputFileId(), part.outputFileId())
            .filter(Objects::nonNull)
            .map(id -> "/files/" + PathSegment.of(id)));
  }

  /** What cannot be deleted stays until it expires. */
  public void readDeletion(@ExchangeProperty("part") Part part, Exchange exchange) {
    batchCalls.deleted(part, exchange);
  }
}
