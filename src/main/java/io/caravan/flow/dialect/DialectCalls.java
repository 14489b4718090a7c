package io.caravan.flow.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.flow.CloseAfterExchange;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.RemoteFile;
import io.caravan.flow.call.Calls;
import io.caravan.flow.step.Retrieve;
import io.caravan.flow.step.Submit;
import io.caravan.job.Batch;
import io.caravan.job.Part;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RemotePage;
import io.caravan.provider.RetryableProviderException;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The calls of one dialect. Its routes name the bean; the routes of all dialects find it by the
 * dialect's name ({@link Dialects}).
 */
public abstract class DialectCalls {
  final Calls calls;
  final BatchCalls batchCalls;
  final Providers providers;
  final Workspace workspace;
  final Submit submit;
  final Retrieve retrieve;

  DialectCalls(Flow flow) {
    this.calls = flow.calls();
    this.batchCalls = flow.batchCalls();
    this.providers = flow.providers();
    this.workspace = flow.workspace();
    this.submit = flow.submit();
    this.retrieve = flow.retrieve();
  }

  /** What every dialect uses of the flow. */
  @Component
  record Flow(
      Calls calls,
      BatchCalls batchCalls,
      Providers providers,
      Workspace workspace,
      Submit submit,
      Retrieve retrieve) {}

  /** Reads a batch object. */
  abstract Batch batch(JsonNode answer);

  /** Reads a page of the batch list. */
  abstract RemotePage page(JsonNode list, String provider, @Nullable String after);

  /** The query for the first page of the batch list, or for the page after the given one. */
  abstract String query(String provider, @Nullable String after);

  /** Searches a page of the batch list for the part's batch. */
  abstract void look(Part part, Exchange exchange);

  /** Writes a call without a body. */
  public void writeGet(@ExchangeProperty(ExchangeProperties.PART) Part part, Message message) {
    calls.start(part, message);
    message.setBody(null);
  }

  /** Stores the id of the created batch, or postpones the part if the queue is full. */
  public void readCreate(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.created(part, exchange, this::batch);
  }

  /** Writes the request for a page of the batch list. */
  public void writeListBatches(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider,
      @ExchangeProperty(ExchangeProperties.AFTER) @Nullable String after,
      Message message) {
    writeList(provider, query(provider, after), message);
  }

  final void writeList(String provider, String query, Message message) {
    calls.start(provider, message);
    message.setBody(null);
    message.setHeader(Exchange.HTTP_QUERY, query);
  }

  /** Whether the search needs another page. */
  public boolean morePages(
      @ExchangeProperty(ExchangeProperties.FOUND) @Nullable Object found,
      @ExchangeProperty(ExchangeProperties.AFTER) @Nullable String after) {
    return found == null && !"".equals(after);
  }

  /** Searches a page for the part's batch; without the list, its creation is unknown. */
  public void readListBatches(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    try {
      look(part, exchange);
    } catch (RejectedByProviderException e) {
      throw BatchCalls.unknown(e);
    }
  }

  /** Stores the batches of a page in the exchange. */
  public void readStatuses(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider, Exchange exchange) {
    RemotePage page = page(provider, exchange);
    exchange.setProperty(
        ExchangeProperties.LISTED, page.entries().stream().map(this::batch).toList());
    exchange.setProperty(ExchangeProperties.AFTER, after(page, exchange));
  }

  /** Stores the batch status; a batch that is not found may be too new. */
  public void readBatch(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.status(part, exchange, answer -> batch(answer.json()));
  }

  /** Accepts a refused cancel: the batch has ended, as its status will show. */
  public void readCancel(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.cancelled(part, exchange);
  }

  /** Accepts a refused delete: the file or batch stays at the provider. */
  public void readDeletion(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.deleted(part, exchange);
  }

  /** The page that the answer contains. */
  final RemotePage page(String provider, Exchange exchange) {
    return page(
        calls.answer(provider, exchange).json(),
        provider,
        exchange.getProperty(ExchangeProperties.AFTER, String.class));
  }

  /** Where the next page begins; empty after the last page, and for a list that repeats a page. */
  static String after(RemotePage page, Exchange exchange) {
    return page.after() == null || isAgain(page, exchange) ? "" : page.after();
  }

  private static boolean isAgain(RemotePage page, Exchange exchange) {
    return page.after() != null
        && page.after().equals(exchange.getProperty(ExchangeProperties.AFTER));
  }

  /** Searches a page for what an interrupted call left. */
  final void search(Part part, Exchange exchange, Function<RemotePage, Optional<?>> find) {
    RemotePage page = page(part.provider(), exchange);
    Optional<?> found = find.apply(page);
    if (found.isEmpty() && isAgain(page, exchange)) {
      throw new RetryableProviderException(
          "cannot search for the outcome of an interrupted call: the list repeats the same page",
          null);
    }
    found.ifPresent(it -> exchange.setProperty(ExchangeProperties.FOUND, it));
    exchange.setProperty(ExchangeProperties.AFTER, page.after() == null ? "" : page.after());
  }

  /** Opens the part's files until the exchange ends, since the body is read later. */
  final JobFiles open(Part part, Exchange exchange) throws IOException {
    JobFiles files = workspace.open(part);
    exchange.getExchangeExtension().addOnCompletion(new CloseAfterExchange(files));
    return files;
  }

  /** Streams results into the workspace, translated into OpenAI's format. */
  final void translate(Part part, RemoteFile file, Exchange exchange, Translation translation)
      throws IOException {
    Provider provider = providers.get(part.provider());
    boolean patient = retrieve.mayStillCome(part);
    retrieve.translate(
        part,
        file,
        exchange,
        (results, requests, out) ->
            translation.write(results, requests, part, provider, patient, out));
  }

  /** Translates a dialect's results into OpenAI's format. */
  @FunctionalInterface
  interface Translation {
    void write(
        InputStream results,
        Path requests,
        Part part,
        Provider provider,
        boolean patient,
        OutputStream out)
        throws IOException;
  }
}
