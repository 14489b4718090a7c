package io.caravan.flow.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.flow.CloseAfterExchange;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.RemoteFile;
import io.caravan.flow.call.Calls;
import io.caravan.flow.step.Retrieve;
import io.caravan.flow.step.Submit;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.provider.Answer;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Providers;
import io.caravan.provider.Quirks;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RemotePage;
import io.caravan.provider.RetryableProviderException;
import io.caravan.provider.openai.OpenAiDialect;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.apache.hc.client5.http.entity.mime.HttpMultipartMode;
import org.apache.hc.client5.http.entity.mime.MultipartEntityBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Builds the requests of the {@code openai} routes and reads their answers. */
@Component("openai")
public class OpenAi {
  private static final ContentType FORM = ContentType.create("multipart/form-data");
  private static final ContentType JSONL = ContentType.create("application/jsonl");

  private static final long SMALL_ANSWER = 16L << 20;

  /** Parts whose files are known to be processed; forgotten at a restart. */
  private final Set<String> processed = ConcurrentHashMap.newKeySet();

  private final Calls calls;
  private final BatchCalls batchCalls;
  private final Providers providers;
  private final Workspace workspace;
  private final Submit submit;
  private final Retrieve retrieve;

  OpenAi(
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

  /** Writes {@code POST /files} with the part's file, streamed from the workspace. */
  public void writeUpload(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange)
      throws IOException {
    JobFiles files = workspace.open(part);
    exchange
        .getExchangeExtension()
        .addOnCompletion(new CloseAfterExchange(files)); // the body is read later
    Message message = exchange.getMessage();
    Quirks quirks = quirks(part.provider());
    String name = OpenAiDialect.fileName(part);
    MultipartEntityBuilder fields =
        MultipartEntityBuilder.create()
            .setMode(HttpMultipartMode.STRICT)
            .setContentType(FORM) // without the default charset, which some servers reject
            .addTextBody("purpose", quirks.purpose(), ContentType.TEXT_PLAIN);
    if (!quirks.fileName().isBlank()) {
      fields.addTextBody(quirks.fileName(), name, ContentType.TEXT_PLAIN);
    }
    HttpEntity form = fields.addBinaryBody("file", files.part(part).toFile(), JSONL, name).build();
    start(part, message);
    calls.transfer(message, SMALL_ANSWER);
    message.setHeader(Exchange.CONTENT_TYPE, form.getContentType());
    message.setBody(form);
  }

  /** Store the id of the uploaded file. */
  public void readUpload(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    JsonNode file = answer(part, exchange).json();
    submit.uploaded(part, OpenAiDialect.readFileId(file), exchange);
    if (!OpenAiDialect.isPending(file)) {
      processed.add(part.id());
    }
  }

  /** Whether the provider may still be processing the part's file, as Azure does. */
  public boolean mayBePending(@ExchangeProperty(ExchangeProperties.PART) Part part) {
    return part.status() == PartStatus.UPLOADED && !processed.contains(part.id());
  }

  /** Writes {@code GET /files/ID} for the part's input file. */
  public void writeGetInputFile(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Message message) {
    writeGet(part, message);
    message.setHeader(
        Exchange.HTTP_PATH,
        "/files/" + PathSegment.of(String.valueOf(part.submission().inputFileId())));
  }

  /** Fails while the file is not processed; its batch would be rejected. */
  public void readFileStatus(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    JsonNode file;
    try {
      file = answer(part, exchange).json();
    } catch (RejectedByProviderException e) {
      return; // some servers lack this call; the create reports any problem
    }
    OpenAiDialect.checkFile(file);
    if (OpenAiDialect.isPending(file)) {
      throw RetryableProviderException.inTime("the provider has not processed the file yet");
    }
    processed.add(part.id());
  }

  /** Writes the create. */
  public void writeCreate(@ExchangeProperty(ExchangeProperties.PART) Part part, Message message) {
    start(part, message);
    message.setHeader(Exchange.CONTENT_TYPE, "application/json");
    message.setBody(OpenAiDialect.createBatch(part, quirks(part.provider())));
  }

  /** Store the id of the created batch, or postpones the part if the queue is full. */
  public void readCreate(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    processed.remove(part.id());
    batchCalls.created(part, exchange, OpenAiDialect::readBatch);
  }

  /** Writes a call without a body. */
  public void writeGet(@ExchangeProperty(ExchangeProperties.PART) Part part, Message message) {
    start(part, message);
    message.setBody(null);
  }

  /** Writes the request for a file's content. */
  public void writeGetContent(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.SIZE) @Nullable Long size,
      Message message) {
    writeGet(part, message);
    calls.transfer(message, Calls.mostBytes(part, size == null ? -1 : size));
  }

  /** Whether the search needs another page. */
  public boolean morePages(
      @ExchangeProperty(ExchangeProperties.FOUND) @Nullable Object found,
      @ExchangeProperty(ExchangeProperties.AFTER) @Nullable String after) {
    return found == null && !"".equals(after);
  }

  /** Writes {@code GET /files} for one page. */
  public void writeListFiles(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider,
      @ExchangeProperty(ExchangeProperties.AFTER) @Nullable String after,
      Message message) {
    String purpose = "purpose=" + quirks(provider).purpose() + "&";
    writeList(provider, purpose, 10_000, after, message); // the maximum page size
  }

  /** Writes the request for a page of the batch list. */
  public void writeListBatches(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider,
      @ExchangeProperty(ExchangeProperties.AFTER) @Nullable String after,
      Message message) {
    writeList(provider, "", 100, after, message); // the maximum page size
  }

  private void writeList(
      String provider, String query, int limit, @Nullable String after, Message message) {
    start(provider, message);
    message.setBody(null);
    message.setHeader(
        Exchange.HTTP_QUERY, query + OpenAiDialect.pageQuery(quirks(provider), limit, after));
  }

  /**
   * Searches a page for the part's file; without a list it is uploaded again, which costs nothing.
   */
  public void readListFiles(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    try {
      search(part, exchange, page -> OpenAiDialect.findFile(page, part));
    } catch (RejectedByProviderException e) {
      if (!e.isUnsupported()) {
        throw BatchCalls.unknown(e);
      }
      exchange.setProperty(ExchangeProperties.AFTER, "");
    }
  }

  /** Searches a page for the part's batch; without the list, its creation is unknown. */
  public void readListBatches(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    try {
      search(part, exchange, page -> OpenAiDialect.findBatch(page, part, quirks(part.provider())));
    } catch (RejectedByProviderException e) {
      throw BatchCalls.unknown(e);
    }
  }

  /** Store the batches of a page in the exchange. */
  public void readStatuses(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider, Exchange exchange) {
    RemotePage page = page(provider, exchange);
    boolean again =
        page.after() != null && page.after().equals(exchange.getProperty(ExchangeProperties.AFTER));
    exchange.setProperty(ExchangeProperties.LISTED, OpenAiDialect.readBatches(page));
    exchange.setProperty(
        ExchangeProperties.AFTER, page.after() == null || again ? "" : page.after());
  }

  private void search(
      Part part, Exchange exchange, Function<RemotePage, Optional<? extends Object>> find) {
    RemotePage page = page(part.provider(), exchange);
    Optional<? extends Object> found = find.apply(page);
    if (found.isEmpty()
        && page.after() != null
        && page.after().equals(exchange.getProperty(ExchangeProperties.AFTER))) {
      throw new RetryableProviderException(
          "cannot search for the outcome of an interrupted call: the list repeats the same page",
          null);
    }
    found.ifPresent(it -> exchange.setProperty(ExchangeProperties.FOUND, it));
    exchange.setProperty(ExchangeProperties.AFTER, page.after() == null ? "" : page.after());
  }

  /** Store the batch status; a batch that is not found may be too new. */
  public void readBatch(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.status(part, exchange, answer -> OpenAiDialect.readBatch(answer.json()));
  }

  /** Accepts a refused cancel: the batch has ended, as its status will show. */
  public void readCancel(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.cancelled(part, exchange);
  }

  /** Store the expected file size, if the provider reports it. */
  public void readFileSize(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    long size = -1;
    try {
      size = OpenAiDialect.readSize(answer(part, exchange).json());
    } catch (RejectedByProviderException e) {
      // some compatible servers serve only the content
    }
    exchange.setProperty(ExchangeProperties.SIZE, size);
  }

  /** Streams a file's content into the workspace. */
  public void readContent(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.FILE) RemoteFile file,
      @ExchangeProperty(ExchangeProperties.SIZE) @Nullable Long size,
      Exchange exchange)
      throws IOException {
    Long length = exchange.getMessage().getHeader(Exchange.CONTENT_LENGTH, Long.class);
    long announced = length == null ? -1 : length;
    boolean told =
        size != null && size > 0 && retrieve.mayStillCome(part); // later the size may be wrong
    retrieve.receive(
        part, file, exchange, (content, files) -> file.store(content, told ? size : announced));
  }

  /** Accepts a refused delete: the file stays at the provider. */
  public void readDeletion(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.deleted(part, exchange);
  }

  private RemotePage page(String provider, Exchange exchange) {
    return OpenAiDialect.readPage(
        answer(provider, exchange).json(),
        quirks(provider),
        exchange.getProperty(ExchangeProperties.AFTER, String.class));
  }

  private Quirks quirks(String provider) {
    return providers.get(provider).quirks();
  }

  private void start(Part part, Message message) {
    calls.start(part, message);
  }

  private void start(String provider, Message message) {
    calls.start(provider, message);
  }

  private Answer answer(Part part, Exchange exchange) {
    return calls.answer(part.provider(), exchange);
  }

  private Answer answer(String provider, Exchange exchange) {
    return calls.answer(provider, exchange);
  }
}
