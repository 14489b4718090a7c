package io.caravan.flow;

import io.caravan.batch.Part;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.springframework.stereotype.Component;

/** Tells which family of routes speaks to a part's provider. */
@Component("dialects")
public class Dialects {
  /** The exchange property with the base URL that those routes call. */
  static final String BASE = "base";

  private final Providers providers;

  Dialects(Providers providers) {
    this.providers = providers;
  }

  /** The first word of the routes' ids, such as {@code openai}. */
  public String of(@ExchangeProperty("part") Part part, Exchange exchange) {
    Provider provider = providers.get(part.provider());
    exchange.setProperty(BASE, provider.base());
    return provider.dialect();
  }
}
