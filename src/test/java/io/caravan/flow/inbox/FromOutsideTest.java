package io.caravan.flow.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.seda.SedaComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uses a component whose messages come from outside, as those of Kafka, JMS or HTTP do. */
class FromOutsideTest {
  private final FromOutside fromOutside = new FromOutside();
  private final DefaultCamelContext camel = new DefaultCamelContext();
  private final LinkedBlockingQueue<Map<String, Object>> seen = new LinkedBlockingQueue<>();

  @BeforeEach
  void start() throws Exception {
    camel.addComponent("outside", new SedaComponent());
    camel.addRoutePolicyFactory(fromOutside);
    camel.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("outside:in").setHeader("CaravanKind", constant("route")).to("direct:next");
            from("direct:next").to("seda:last");
            from("seda:last").process(exchange -> seen.add(copyOfHeaders(exchange)));
          }
        });
    camel.start();
  }

  private static Map<String, Object> copyOfHeaders(Exchange exchange) {
    return Map.copyOf(exchange.getMessage().getHeaders());
  }

  @AfterEach
  void stop() {
    camel.stop();
  }

  @Test
  void removesInternalHeadersFromOutsideMessages() throws Exception {
    Map<String, Object> headers =
        passes(
            "outside:in",
            Map.of(
                "CaravanPipeline", "other",
                "caravanjobid", "x",
                "CARAVAN-CLIENT", "alice",
                "CaravanKind", "stranger",
                "Subject", "kept"));

    assertThat(headers).containsEntry("Subject", "kept").containsEntry("CaravanKind", "route");
    assertThat(headers.keySet())
        .filteredOn(name -> name.toLowerCase(Locale.ROOT).startsWith("caravan"))
        .containsExactly("CaravanKind");
  }

  @Test
  void keepsHeadersThatSendersMaySet() throws Exception {
    assertThat(
            passes(
                "outside:in",
                Map.of("Caravan-Deadline", "d", "caravan-priority", "p", "Caravan-Provider", "v")))
        .containsEntry("Caravan-Deadline", "d")
        .containsEntry("caravan-priority", "p")
        .containsEntry("Caravan-Provider", "v");
  }

  @Test
  void keepsHeadersBetweenRoutes() throws Exception {
    assertThat(passes("direct:next", Map.of("CaravanPipeline", "p")))
        .containsEntry("CaravanPipeline", "p");
  }

  @Test
  void removesThemFromHttpResponses() {
    Exchange exchange = camel.getEndpoint("direct:next").createExchange();

    assertThat(fromOutside.applyFilterToExternalHeaders("Caravan-Provider", "v", exchange))
        .isTrue();
    assertThat(fromOutside.applyFilterToExternalHeaders("caravanjob", "v", exchange)).isTrue();
    assertThat(fromOutside.applyFilterToExternalHeaders("Retry-After", "1", exchange)).isFalse();
    assertThat(fromOutside.applyFilterToCamelHeaders("CaravanJob", "v", exchange)).isFalse();
  }

  private Map<String, Object> passes(String uri, Map<String, Object> headers) throws Exception {
    try (var template = camel.createProducerTemplate()) {
      template.sendBodyAndHeaders(uri, "body", headers);
    }
    Map<String, Object> passed = seen.poll(5, TimeUnit.SECONDS);
    assertThat(passed).isNotNull();
    return passed;
  }
}
