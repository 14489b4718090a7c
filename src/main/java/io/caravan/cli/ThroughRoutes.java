package io.caravan.cli;

import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.Pipelines;
import io.caravan.flow.inbox.Accept;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.component.file.FileConstants;

/** Sends files to the accept route of this process. */
record ThroughRoutes(CamelContext camel, String pipeline) implements Sender {
  @Override
  public Sent send(Path file, boolean again) throws IOException {
    Exchange exchange = exchange(file);
    if (again) {
      exchange.getMessage().setHeader(Accept.AGAIN, UUID.randomUUID().toString());
    }
    try (var template = camel.createProducerTemplate()) {
      template.send("direct:job-accept", exchange);
    }
    if (exchange.getException() != null) {
      throw new IOException(exchange.getException().getMessage());
    }
    Message accepted = exchange.getMessage();
    return new Sent(
        accepted.getHeader(CaravanHeaders.JOB, String.class),
        accepted.getHeader(Accept.EARLIER, String.class));
  }

  private Exchange exchange(Path file) {
    return ExchangeBuilder.anExchange(camel)
        .withBody(file.toFile())
        .withHeader(Exchange.FILE_NAME, file.getFileName().toString())
        .withHeader(FileConstants.FILE_ABSOLUTE_PATH, file.toAbsolutePath().toString())
        .withHeader(Pipelines.HEADER, pipeline)
        .withHeader(
            CaravanHeaders.SEND_AT, Instant.MIN) // the user runs it now, whatever its schedule
        .build();
  }
}
