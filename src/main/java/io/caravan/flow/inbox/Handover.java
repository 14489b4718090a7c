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

/** Sends requests that did not arrive in an inbox to a pipeline's inbox route. */
@Component("handover")
public class Handover {
  private final CamelContext camel;

  Handover(CamelContext camel) {
    this.camel = camel;
  }

  /** Whether the pipeline has an inbox route. */
  public boolean isPossible(String pipeline) {
    return inbox(pipeline).isPresent();
  }

  /**
   * Turns a file into a job; returns the same job for the same arrival.
   *
   * @param client the client that owns it; null if it came without a key
   * @param source its origin, as shown to the user
   * @param arrival identifies it when it is sent again
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
            .orElseThrow(
                () -> new IOException("route %s-inbox is not running".formatted(pipeline)));
    Exchange exchange = ExchangeBuilder.anExchange(camel).withBody(file.toFile()).build();
    new NewJob(null, pipeline, provider, client, name, source, arrival, null)
        .describe(exchange.getMessage());
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
