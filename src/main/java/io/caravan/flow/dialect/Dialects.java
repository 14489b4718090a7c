package io.caravan.flow.dialect;

import io.caravan.flow.ExchangeProperties;
import io.caravan.job.Part;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.springframework.stereotype.Component;

/** Selects the provider routes for a part. */
@Component("dialects")
public class Dialects {
  private final Providers providers;

  Dialects(Providers providers) {
    this.providers = providers;
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
}
