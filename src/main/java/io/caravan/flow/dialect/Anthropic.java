package io.caravan.flow.dialect;

import io.caravan.flow.CloseAfterExchange;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.RemoteFile;
import io.caravan.flow.call.Calls;
import io.caravan.flow.step.Retrieve;
import io.caravan.flow.step.Submit;
import io.caravan.job.Batch;
import io.caravan.job.Part;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RemotePage;
import io.caravan.provider.anthropic.AnthropicDialect;
import io.caravan.provider.openai.OpenAiDialect;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Builds the requests of the {@code anthropic} routes and reads their answers. */
@Component("anthropic")
public class Anthropic {
  /** Assumed difference between the clocks of the provider and this host. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final Calls calls;
  private final BatchCalls batchCalls;
  private final Providers providers;
  private final Workspace workspace;
  private final Submit submit;
  private final Retrieve retrieve;

  Anthropic(
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

  /** Writes the create, whose requests are translated while they are sent. */
  public void writeCreate(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange)
      throws IOException {
    JobFiles files = workspace.open(part);
    exchange
        .getExchangeExtension()
        .addOnCompletion(new CloseAfterExchange(files)); // the body is read later
    Path file = files.part(part);
    Provider provider = providers.get(part.provider());
    calls.start(part, exchange.getMessage());
    calls.transfer(exchange.getMessage(), Calls.mostBytes(part, -1));
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
    exchange
        .getMessage()
        .setBody(
            new EntityTemplate(
                -1, // the length is unknown before it is sent
                ContentType.APPLICATION_JSON,
                null,
                out -> AnthropicDialect.writeRequests(file, part, provider, out)));
  }

  /** Store the id of the created batch. */
  public void readCreate(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.created(part, exchange, AnthropicDialect::readBatch);
  }

  /** Writes a call without a body. */
  public void writeGet(@ExchangeProperty(ExchangeProperties.PART) Part part, Message message) {
    calls.start(part, message);
    message.setBody(null);
  }

  /** Writes the request for the results. */
  public void writeGetResults(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Message message) {
    writeGet(part, message);
    calls.transfer(message, Calls.mostBytes(part, -1));
  }

  /** Whether the list has more pages. */
  public boolean morePages(@ExchangeProperty(ExchangeProperties.AFTER) @Nullable String after) {
    return !"".equals(after);
  }

  /** Writes {@code GET /v1/messages/batches} for one page. */
  public void writeListBatches(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider,
      @ExchangeProperty(ExchangeProperties.AFTER) @Nullable String after,
      Message message) {
    calls.start(provider, message);
    message.setBody(null);
    String query = "limit=1000"; // the maximum page size
    message.setHeader(
        Exchange.HTTP_QUERY, after == null ? query : query + "&after_id=" + PathSegment.of(after));
  }

  /** Store the batches of a page in the exchange. */
  public void readStatuses(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider, Exchange exchange) {
    RemotePage page = OpenAiDialect.readPage(calls.answer(provider, exchange).json());
    exchange.setProperty(ExchangeProperties.LISTED, AnthropicDialect.readBatches(page));
    exchange.setProperty(ExchangeProperties.AFTER, after(page, exchange));
  }

  private static String after(RemotePage page, Exchange exchange) {
    boolean again =
        page.after() != null && page.after().equals(exchange.getProperty(ExchangeProperties.AFTER));
    return page.after() == null || again ? "" : page.after();
  }

  /** Collects batches that may be the part's, until the list is older than its create. */
  public void readListBatches(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.CANDIDATES) @Nullable List<Batch> before,
      Exchange exchange) {
    RemotePage page;
    try {
      page = OpenAiDialect.readPage(calls.answer(part.provider(), exchange).json());
    } catch (RejectedByProviderException e) {
      throw BatchCalls.unknown(e);
    }
    Instant since =
        part.submission().unclearSince() == null
            ? Instant.EPOCH
            : part.submission().unclearSince().minus(SKEW);
    List<Batch> candidates = before == null ? new ArrayList<>() : before;
    candidates.addAll(AnthropicDialect.candidates(page, part, since));
    exchange.setProperty(ExchangeProperties.CANDIDATES, candidates);
    exchange.setProperty(
        "after", AnthropicDialect.isPast(page, since) ? "" : after(page, exchange));
  }

  /** Whether another ended batch may prove by its results that it is the part's. */
  public boolean moreCandidates(
      @ExchangeProperty(ExchangeProperties.FOUND) @Nullable Object found,
      @ExchangeProperty(ExchangeProperties.CANDIDATES) List<Batch> candidates) {
    return found == null && candidates.stream().anyMatch(batch -> batch.status().terminal());
  }

  /** Writes the request for the results of the next candidate. */
  public void nextCandidate(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.CANDIDATES) List<Batch> candidates,
      Exchange exchange) {
    Batch next =
        candidates.stream().filter(batch -> batch.status().terminal()).findFirst().orElseThrow();
    candidates.remove(next);
    exchange.setProperty(ExchangeProperties.CANDIDATE, next);
    writeGetResults(part, exchange.getMessage());
    exchange.getMessage().setHeader(Exchange.HTTP_PATH, results(next.id()));
  }

  /** Checks whether the results contain the part's custom_ids. */
  public void readProof(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.CANDIDATE) Batch candidate,
      Exchange exchange)
      throws IOException {
    try (InputStream results = calls.answer(part.provider(), exchange).body()) {
      if (AnthropicDialect.areOf(part, results)) {
        exchange.setProperty(ExchangeProperties.FOUND, candidate);
      }
    } catch (RejectedByProviderException e) {
      if (e.status() != 404) {
        throw BatchCalls.unknown(e);
      }
    }
  }

  /** Ends the search: batch found, a candidate still running, or never created. */
  public void searched(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.FOUND) @Nullable Object found,
      @ExchangeProperty(ExchangeProperties.CANDIDATES) List<Batch> running,
      Exchange exchange) {
    exchange.removeProperty(ExchangeProperties.CANDIDATES);
    if (found == null && !running.isEmpty()) {
      submit.waitForProof(part, exchange);
    } else {
      submit.batchSearched(part, found, exchange);
    }
  }

  /** Store the batch status in the exchange. */
  public void readBatch(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.status(part, exchange, answer -> AnthropicDialect.readBatch(answer.json()));
  }

  /** Accepts a refused cancel: the batch has ended. */
  public void readCancel(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.cancelled(part, exchange);
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
            AnthropicDialect.translateResults(results, requests, part, provider, patient, out));
  }

  /** Whether the part has a batch to delete. */
  public boolean hasBatch(@ExchangeProperty(ExchangeProperties.PART) Part part) {
    return part.submission().batchId() != null;
  }

  /** Accepts a refused delete: the batch stays at the provider. */
  public void readDeletion(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    batchCalls.deleted(part, exchange);
  }

  private static String results(String batch) {
    return "/v1/messages/batches/" + PathSegment.of(batch) + "/results";
  }
}
