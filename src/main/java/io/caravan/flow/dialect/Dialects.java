package io.caravan.flow.dialect;

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
    exchange.setProperty("part", part);
    exchange.setProperty("batchId", part.batchId() == null ? "" : PathSegment.of(part.batchId()));
    choose(part.provider(), exchange);
  }

  /** The same for a call about many parts. */
  public void chooseForMany(@Body BatchList list, Exchange exchange) {
    exchange.setProperty("list", list);
    choose(list.provider(), exchange);
  }

  private void choose(String name, Exchange exchange) {
    Provider provider = providers.get(name);
    exchange.setProperty("provider", name);
    exchange.setProperty("dialect", provider.dialect());
    exchange.setProperty("base", provider.base());
    exchange.setProperty("uploads", provider.quirks().uploads());
    exchange.setProperty("batches", provider.quirks().batches());
  }
}
