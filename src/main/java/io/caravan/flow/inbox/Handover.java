package io.caravan.flow.inbox;

import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.Pipelines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.builder.ExchangeBuilder;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Hands requests that came by another way than an inbox to the inbox route of a pipeline. */
@Component("handover")
public class Handover {
  private final CamelContext camel;

  Handover(CamelContext camel) {
    this.camel = camel;
  }

  /** Whether the routes have such a pipeline. */
  public boolean isPossible(String pipeline) {
    return inbox(pipeline).isPresent();
  }

  /**
   * Makes a file a job; the same job again for the same arrival.
   *
   * @param client the client that owns it; null when it came without a key
   * @param source where it comes from, as the user knows it
   * @param arrival by what it is known when it comes again
   * @return the id of the job
   */
  public String hand(
      Path file,
      String pipeline,
      String provider,
      @Nullable String client,
      String name,
      String source,
      String arrival)
      throws IOException {
    Endpoint inbox =
        inbox(pipeline)
            .orElseThrow(() -> new IOException("no route %s-inbox runs".formatted(pipeline)));
    Exchange exchange =
        ExchangeBuilder.anExchange(camel)
            .withBody(file.toFile())
            .withHeader(Exchange.FILE_NAME, name)
            .withHeader(InboxFile.SOURCE, source)
            .withHeader(InboxFile.ARRIVAL, arrival)
            .withHeader(Pipelines.PROVIDER, provider)
            .withHeader(Accept.CLIENT, client)
            .build();
    try (var template = camel.createProducerTemplate()) {
      template.send(inbox, exchange);
    }
    if (exchange.getException() != null) {
      throw new IOException(exchange.getException().getMessage());
    }
    return exchange.getMessage().getHeader(CaravanHeaders.JOB, String.class);
  }

  private Optional<Endpoint> inbox(String pipeline) {
    return Optional.ofNullable(camel.getRoute(pipeline + Pipelines.INBOX)).map(Route::getEndpoint);
  }
}
