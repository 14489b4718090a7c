package io.caravan.flow.dialect;

import io.caravan.job.Part;
import io.caravan.provider.PathSegment;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.springframework.stereotype.Component;

/** Tells which family of routes speaks to a part's provider. */
@Component("dialects")
public class Dialects {
  private final Providers providers;

  Dialects(Providers providers) {
    this.providers = providers;
  }

  /**
   * Keeps the part, its batch's id for the path of a call, the words its routes' ids begin with,
   * and what the URLs they call begin with.
   */
  public void choose(@Body Part part, Exchange exchange) {
    exchange.setProperty("part", part);
    exchange.setProperty("batchId", part.batchId() == null ? "" : PathSegment.of(part.batchId()));
    choose(part.provider(), exchange);
  }

  /** The same for what is asked about many parts at once. */
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
