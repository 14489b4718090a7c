package io.caravan.flow.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.RemoteFile;
import io.caravan.flow.call.Calls;
import io.caravan.job.Batch;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Quirks;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RemotePage;
import io.caravan.provider.RetryableProviderException;
import io.caravan.provider.openai.OpenAiDialect;
import io.caravan.workspace.JobFiles;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
public class OpenAi extends DialectCalls {
  private static final ContentType FORM = ContentType.create("multipart/form-data");
  private static final ContentType JSONL = ContentType.create("application/jsonl");

  private static final long SMALL_ANSWER = 16L << 20;

  /** Parts whose files are known to be processed; forgotten at a restart. */
  private final Set<String> processed = ConcurrentHashMap.newKeySet();

  OpenAi(Flow flow) {
    super(flow);
  }

  /** Writes {@code POST /files} with the part's file, streamed from the workspace. */
  public void writeUpload(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange)
      throws IOException {
    JobFiles files = open(part, exchange);
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
    calls.start(part, message);
    calls.transfer(message, SMALL_ANSWER);
    message.setHeader(Exchange.CONTENT_TYPE, form.getContentType());
    message.setBody(form);
  }

  /** Stores the id of the uploaded file. */
  public void readUpload(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    JsonNode file = calls.answer(part.provider(), exchange).json();
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
    calls.address(
        "GET",
        "/files/" + PathSegment.of(String.valueOf(part.submission().inputFileId())),
        message);
  }

  /** Fails while the file is not processed; its batch would be rejected. */
  public void readFileStatus(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    JsonNode file;
    try {
      file = calls.answer(part.provider(), exchange).json();
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
    calls.start(part, message);
    message.setHeader(Exchange.CONTENT_TYPE, "application/json");
    message.setBody(OpenAiDialect.createBatch(part, quirks(part.provider())));
  }

  @Override
  public void readCreate(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    processed.remove(part.id());
    super.readCreate(part, exchange);
  }

  /** Writes the request for a file's content. */
  public void writeGetContent(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.SIZE) @Nullable Long size,
      Message message) {
    writeGet(part, message);
    calls.transfer(message, Calls.mostBytes(part, size == null ? -1 : size));
  }

  /** Writes {@code GET /files} for one page. */
  public void writeListFiles(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider,
      @ExchangeProperty(ExchangeProperties.AFTER) @Nullable String after,
      Message message) {
    String query =
        OpenAiDialect.pageQuery(quirks(provider), 10_000, after); // the maximum page size
    writeList(provider, "purpose=" + quirks(provider).purpose() + "&" + query, message);
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

  @Override
  Batch batch(JsonNode answer) {
    return OpenAiDialect.readBatch(answer);
  }

  @Override
  RemotePage page(JsonNode list, String provider, @Nullable String after) {
    return OpenAiDialect.readPage(list, quirks(provider), after);
  }

  @Override
  String query(String provider, @Nullable String after) {
    return OpenAiDialect.pageQuery(quirks(provider), 100, after); // the maximum page size
  }

  @Override
  void look(Part part, Exchange exchange) {
    search(part, exchange, page -> OpenAiDialect.findBatch(page, part, quirks(part.provider())));
  }

  /** Stores the expected file size, if the provider reports it. */
  public void readFileSize(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    long size = -1;
    try {
      size = OpenAiDialect.readSize(calls.answer(part.provider(), exchange).json());
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

  private Quirks quirks(String provider) {
    return providers.get(provider).quirks();
  }
}
