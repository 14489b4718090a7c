package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.queue.QueueProblem;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests requests that the routes of users add to a queue of their own. */
@ExtendWith(OutputCaptureExtension.class)
class QueueSourcesJourneyTest {
  /** Reads from a route in place of a broker, and gives each answer to a bean. */
  private static final String ORDERS =
      """
      - beans:
          - {name: orders, type: io.caravan.flow.Pipeline, properties: {provider: openai, allowDuplicates: true}}
          - {name: orders-queue, type: io.caravan.queue.Queue, properties: {pipeline: orders, maxAge: 1s}}
      - route:
          id: orders-inbox
          description: Queue a request, or describe why not
          routeConfigurationId: request-inboxes
          from:
            uri: direct:orders-inbox
            steps:
              - setHeader: {id: orders-queue-name, name: CaravanQueue, expression: {simple: {expression: "${header.queue}"}}}
              - setHeader: {id: orders-custom-id, name: CaravanCustomId, expression: {simple: {expression: "${header.key}"}}}
              - to: {id: orders-add, uri: direct:queue-add}
      - route:
          id: orders-results
          description: Write each answer to a file of its own
          from:
            uri: direct:orders-results
            steps:
              - split:
                  id: orders-each
                  stopOnException: true
                  expression: {method: {ref: outputLines, method: messages('key')}}
                  steps:
                    - to: {id: orders-file, uri: file, parameters: {directoryName: "{{caravan.outbox}}/orders", fileName: "${header.key}.json"}}
      - route:
          id: orders-errors
          description: Drop errors
          from:
            uri: direct:orders-errors
            steps:
              - log: {id: orders-dropped, message: dropped}
      """;

  @TempDir private static Path folder;
  private static CountingProvider provider;
  private static TestCaravan caravan;

  private final String key = "key-" + UUID.randomUUID();

  @BeforeAll
  static void start() throws IOException {
    provider = new CountingProvider();
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Files.writeString(routes.resolve("pipelines/orders.camel.yaml"), ORDERS);
    caravan = TestCaravan.in(folder).at(provider).with("caravan.routes", routes).start();
    await().until(() -> add("", Map.of()).getException() == null);
  }

  @AfterAll
  static void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  private static String order(String more) {
    return "{\"data\": {\"model\": \"gpt-4.1-mini\", \"messages\": []}%s}".formatted(more);
  }

  private static Exchange add(@Nullable String body, Map<String, Object> headers) {
    return add("orders", body, headers);
  }

  private static Exchange add(String queue, @Nullable String body, Map<String, Object> headers) {
    var all = new HashMap<>(headers);
    all.put("queue", queue);
    return caravan.send("direct:orders-inbox", body, all);
  }

  private static JsonNode body(Exchange exchange) {
    return Outcome.parse(exchange.getMessage().getBody(String.class));
  }

  @Test
  void addToTheQueueThatTheHeaderNames() throws IOException {
    Exchange added = add(order(""), Map.of("key", key, "other", "stays"));

    assertThat(added.getException()).isNull();
    assertThat(body(added).path("queue").asText()).isEqualTo("orders");
    assertThat(body(added).path("custom_id").asText()).isEqualTo(key);
    assertThat(added.getMessage().getHeader("CaravanRequest"))
        .isEqualTo(body(added).path("id").asText());
    assertThat(added.getMessage().getHeader("other")).isEqualTo("stays");
    Path answer = caravan.outbox().resolve("orders").resolve(key + ".json");
    await().until(() -> Files.exists(answer));
    assertThat(Outcome.parse(Files.readString(answer)).path("custom_id").asText()).isEqualTo(key);
  }

  @Test
  void preferTheCustomIdOfTheRequest() {
    Exchange added =
        add(order(", \"custom_id\": \"own-%s\"".formatted(key)), Map.of("key", "not-" + key));

    assertThat(body(added).path("custom_id").asText()).isEqualTo("own-" + key);
  }

  @Test
  void addRepeatedMessagesOnce() {
    var headers = Map.<String, Object>of("key", key, "Idempotency-Key", key);

    assertThat(body(add(order(""), headers))).isEqualTo(body(add(order(""), headers)));
    assertThat(body(add(order(""), Map.of("key", key))).at("/error/code").asText())
        .isEqualTo("duplicate_custom_id");
  }

  @Test
  void describeRefusedRequests() {
    JsonNode refused = body(add("{\"data\": {}}", Map.of("key", key)));

    assertThat(refused.path("custom_id").asText()).isEqualTo(key);
    assertThat(refused.path("response").isNull()).isTrue();
    assertThat(refused.at("/error/param").asText()).isEqualTo("data.model");
    assertThat(body(add(null, Map.of())).at("/error/code").asText()).isEqualTo("invalid_type");
    assertThat(
            body(add(order(", \"provider\": \"gemini\""), Map.of())).at("/error/message").asText())
        .contains("\"orders\"", "openai", "gemini");
  }

  @Test
  void failIfTheyMayBeAcceptedLater(CapturedOutput output) {
    Exchange added = add("lost", order(""), Map.of());

    assertThat(added.getException())
        .isInstanceOfSatisfying(
            QueueProblem.class,
            problem -> {
              assertThat(problem.code()).isEqualTo("unknown_queue");
              assertThat(problem.retryAfter()).isPositive();
            })
        .hasMessageContainingAll("\"lost\"", "orders", "CaravanQueue");
    assertThat(output)
        .contains("pipeline=orders cannot read its inbox, retrying: There is no queue");
  }
}
