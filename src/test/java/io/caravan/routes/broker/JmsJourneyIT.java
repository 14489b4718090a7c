package io.caravan.routes.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the samples of JMS and AMQP with a broker and an application that is killed. */
@Tag("thorough")
class JmsJourneyIT {
  private static final int MESSAGES = 3;
  private static final int REQUESTS = 20;

  @TempDir private Path folder;

  @Test
  void answersEveryMessageOfJmsOnceAfterAKill() throws Exception {
    Broker.add(caravan(), "jms", "org.apache.activemq:artemis-jakarta-client");
    int port = TestCaravan.freePort();

    answersEveryMessageOnceAfterAKill(
        "jms", port, Map.of("SPRING_ARTEMIS_BROKER_URL", "tcp://127.0.0.1:" + port));
  }

  @Test
  void answersEveryMessageOfAmqpOnceAfterAKill() throws Exception {
    Broker.add(caravan(), "amqp");
    int port = TestCaravan.freePort();

    answersEveryMessageOnceAfterAKill(
        "amqp",
        port,
        Map.of(
            "AMQP_URL", "amqp://127.0.0.1:" + port, "AMQP_USER", "carrier", "AMQP_PASSWORD", "x"));
  }

  private void answersEveryMessageOnceAfterAKill(
      String sample, int port, Map<String, String> settings) throws Exception {
    Path caravan = caravan();
    TestCaravan.copyRoutes(caravan.resolve("routes"));
    String file = sample + ".camel.yaml";
    Files.copy(
        Path.of("samples/pipelines", file), caravan.resolve("routes/pipelines").resolve(file));
    Path lib =
        Broker.libraries(
            "org.apache.activemq:artemis-jakarta-server",
            "org.apache.activemq:artemis-amqp-protocol");
    String source = Path.of("src/test/brokers/Artemis.java").toAbsolutePath().toString();
    String data = folder.resolve("artemis").toString();
    try (Broker artemis = Broker.start(folder, lib, source, "" + port, data);
        var provider = new CountingProvider().withBatchesOf(Duration.ofSeconds(5))) {
      artemis.awaitOutput("Artemis started");
      var expected = new ArrayList<String>();
      for (int i = 0; i < MESSAGES; i++) {
        send(artemis, i, expected);
      }
      Map<String, String> variables = variables(settings, provider);
      try (CaravanProcess killed = CaravanProcess.start(caravan, variables)) {
        await().until(() -> provider.calls("create") > 0);
        killed.kill();
      }
      send(artemis, MESSAGES, expected);
      try (CaravanProcess second = CaravanProcess.start(caravan, variables)) {
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> received(artemis).size() >= expected.size());

        assertThat(received(artemis)).as(second.output()).hasSameElementsAs(expected);
        assertThat(provider.account().paid().values()).hasSize(expected.size()).containsOnly(1L);
        assertThat(received(artemis)).as("answered once").doesNotHaveDuplicates();
      }
    }
  }

  private void send(Broker artemis, int message, List<String> expected) throws IOException {
    var lines = new ArrayList<String>();
    for (int i = 0; i < REQUESTS; i++) {
      String customId = message + "-" + i;
      lines.add(Line.chat(customId, "message " + message));
      expected.add(customId);
    }
    Path file = folder.resolve("message-" + message);
    Files.writeString(file, TestCaravan.text(lines.toArray(String[]::new)));
    artemis.tell(file.toString());
    artemis.awaitOutput("sent " + file);
  }

  private Path caravan() {
    return folder.resolve("caravan");
  }

  private static Map<String, String> variables(
      Map<String, String> settings, CountingProvider provider) {
    var variables = new HashMap<>(provider.variables());
    variables.putAll(settings);
    variables.put("CARAVAN_POLL_INITIAL", "100ms");
    variables.put("CARAVAN_POLL_MAX", "300ms");
    return variables;
  }

  /** The custom_ids of the messages in the queue of results. */
  private static List<String> received(Broker artemis) {
    return artemis
        .output()
        .lines()
        .filter(line -> line.startsWith("received results "))
        .map(line -> line.split(" ", 4)[3])
        .map(line -> Outcome.parse(line).path("custom_id").asText())
        .toList();
  }
}
