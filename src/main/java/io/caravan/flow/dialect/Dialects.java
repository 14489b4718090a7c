package io.caravan.flow.dialect;

import io.caravan.flow.ExchangeProperties;
import io.caravan.job.Part;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.springframework.stereotype.Component;

/** Selects the provider routes for a part, and the bean of its dialect for shared routes. */
@Component("dialects")
public class Dialects {
  private final Providers providers;
  private final Map<String, DialectCalls> calls;

  Dialects(Providers providers, Map<String, DialectCalls> calls) {
    this.providers = providers;
    this.calls = calls;
  }

  /**
   * Stores the part, its batch id for URLs, the dialect that prefixes the route ids, and the base
   * URL in the exchange.
   */
  public void choose(@Body Part part, Exchange exchange) {
    exchange.setProperty(ExchangeProperties.PART, part);
    exchange.setProperty(
        ExchangeProperties.BATCH_ID,
        part.submission().batchId() == null ? "" : PathSegment.of(part.submission().batchId()));
    choose(part.provider(), exchange);
  }

  /** The same for a call about many parts. */
  public void chooseForMany(@Body BatchList list, Exchange exchange) {
    exchange.setProperty(ExchangeProperties.LIST, list);
    choose(list.provider(), exchange);
  }

  private void choose(String name, Exchange exchange) {
    Provider provider = providers.get(name);
    exchange.setProperty(ExchangeProperties.PROVIDER, name);
    exchange.setProperty(ExchangeProperties.DIALECT, provider.dialect());
    exchange.setProperty(ExchangeProperties.BASE, provider.base());
    exchange.setProperty(ExchangeProperties.UPLOADS, provider.quirks().uploads());
    exchange.setProperty(ExchangeProperties.BATCHES, provider.quirks().batches());
  }

  /** Whether the search needs another page. */
  public boolean morePages(Exchange exchange) {
    return of(exchange)
        .morePages(
            exchange.getProperty(ExchangeProperties.FOUND),
            exchange.getProperty(ExchangeProperties.AFTER, String.class));
  }

  /** Searches a page of the batch list for the part's batch. */
  public void readListBatches(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    of(exchange).readListBatches(part, exchange);
  }

  /** Stores the batches of a page in the exchange. */
  public void readStatuses(
      @ExchangeProperty(ExchangeProperties.PROVIDER) String provider, Exchange exchange) {
    of(exchange).readStatuses(provider, exchange);
  }

  /** The bean of the dialect; one that has only routes uses OpenAI's. */
  private DialectCalls of(Exchange exchange) {
    String dialect = exchange.getProperty(ExchangeProperties.DIALECT, String.class);
    return Objects.requireNonNull(calls.getOrDefault(dialect, calls.get("openai")));
  }
}
