package io.caravan.flow.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.RemoteFile;
import io.caravan.flow.call.Calls;
import io.caravan.job.Batch;
import io.caravan.job.Part;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Provider;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RemotePage;
import io.caravan.provider.anthropic.AnthropicDialect;
import io.caravan.provider.openai.OpenAiDialect;
import io.caravan.workspace.JobFiles;
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
public class Anthropic extends DialectCalls {
  /** Assumed difference between the clocks of the provider and this host. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  Anthropic(Flow flow) {
    super(flow);
  }

  /** Writes the create, whose requests are translated while they are sent. */
  public void writeCreate(@ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange)
      throws IOException {
    JobFiles files = open(part, exchange);
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

  /** Writes the request for the results. */
  public void writeGetResults(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Message message) {
    writeGet(part, message);
    calls.transfer(message, Calls.mostBytes(part, -1));
  }

  @Override
  Batch batch(JsonNode answer) {
    return AnthropicDialect.readBatch(answer);
  }

  @Override
  RemotePage page(JsonNode list, String provider, @Nullable String after) {
    return OpenAiDialect.readPage(list);
  }

  @Override
  String query(String provider, @Nullable String after) {
    String query = "limit=1000"; // the maximum page size
    return after == null ? query : query + "&after_id=" + PathSegment.of(after);
  }

  /** Collects batches that may be the part's, until the list is older than its create. */
  @Override
  void look(Part part, Exchange exchange) {
    RemotePage page = page(part.provider(), exchange);
    Instant since =
        part.submission().unclearSince() == null
            ? Instant.EPOCH
            : part.submission().unclearSince().minus(SKEW);
    @SuppressWarnings("unchecked")
    List<Batch> candidates =
        exchange.getProperty(ExchangeProperties.CANDIDATES, new ArrayList<Batch>(), List.class);
    candidates.addAll(AnthropicDialect.candidates(page, part, since));
    exchange.setProperty(ExchangeProperties.CANDIDATES, candidates);
    exchange.setProperty(
        ExchangeProperties.AFTER,
        AnthropicDialect.isPast(page, since) ? "" : after(page, exchange));
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
    calls.address(
        "GET",
        "/v1/messages/batches/%s/results".formatted(PathSegment.of(next.id())),
        exchange.getMessage());
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

  /** Streams the results into the workspace, translated into OpenAI's format. */
  public void readResults(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.FILE) RemoteFile file,
      Exchange exchange)
      throws IOException {
    translate(part, file, exchange, AnthropicDialect::translateResults);
  }

  /** Whether the part has a batch to delete. */
  public boolean hasBatch(@ExchangeProperty(ExchangeProperties.PART) Part part) {
    return part.submission().batchId() != null;
  }
}
