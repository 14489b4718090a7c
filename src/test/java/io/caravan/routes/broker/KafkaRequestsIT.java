package io.caravan.routes.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Outcome;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the Kafka sample for single requests with a broker and an application that is killed. */
@Tag("thorough")
class KafkaRequestsIT {
  private static final String GROUP = "caravan-requests";
  private static final int REQUESTS = 40;
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private final Path caravan;
  private final Path folder;

  KafkaRequestsIT(@TempDir Path folder) {
    this.folder = folder;
    caravan = folder.resolve("caravan");
  }

  @BeforeEach
  void install() throws Exception {
    KafkaServer.install(
        caravan,
        "kafka-requests.camel.yaml",
        GROUP,
        text -> text.replace("maxAge: 15m", "maxAge: 1s"));
  }

  @Test
  void answersEachRecordUnderItsKey() throws Exception {
    try (KafkaServer kafka = KafkaServer.start(folder);
        var provider =
            new CountingProvider().answering((id, tries) -> id.equals("fails") ? 400 : 200);
        CaravanProcess process = start(kafka, provider)) {
      kafka.send("from-key", request(""));
      kafka.send(null, request(", \"custom_id\": \"own\""));
      kafka.send("other", request(", \"custom_id\": \"fails\""));
      kafka.send("no-request", "no request");
      kafka.send("tombstone", null);
      kafka.send("from-key", request(""));
      kafka.send("last", request(""));

      List<ConsumerRecord<String, String>> received = kafka.receive(7);

      assertThat(received)
          .as(process.output())
          .extracting(it -> "%s %s %s".formatted(it.topic(), it.key(), code(it)))
          .containsExactlyInAnyOrder(
              "results from-key -",
              "results own -",
              "results last -",
              "errors fails -",
              "errors no-request invalid_json",
              "errors tombstone invalid_type",
              "errors from-key duplicate_custom_id");
      assertThat(received)
          .filteredOn(it -> !code(it).equals("-"))
          .allSatisfy(it -> {
            assertThat(Outcome.parse(it.value()).at("/error/message").asText()).isNotBlank();
            assertThat(header(it, "CaravanSource")).matches("requests-0-\\d");
          });
      assertThat(received)
          .filteredOn(it -> code(it).equals("-"))
          .allSatisfy(it -> {
            assertThat(header(it, "CaravanJob")).isNotBlank();
            assertThat(Outcome.parse(it.value()).path("custom_id").asText()).isEqualTo(it.key());
          });
      await("every offset committed").atMost(LONGEST).until(() -> kafka.committed(GROUP) == 7);
    }
  }

  @Test
  void keepsRecordsWhileTheDatabaseIsDown() throws Exception {
    try (KafkaServer kafka = KafkaServer.start(folder);
        var provider = new CountingProvider();
        CaravanProcess process = start(kafka, provider)) {
      kafka.send("before", request(""));
      await("first commit").atMost(LONGEST).until(() -> kafka.committed(GROUP) == 1);
      try (Connection other =
          DriverManager.getConnection("jdbc:sqlite:" + caravan.resolve("data/caravan.db"))) {
        other.createStatement().execute("BEGIN IMMEDIATE"); // nobody else can write
        kafka.send("during", request(""));
        await("an attempt that failed")
            .until(
                () -> process.output().contains("pipeline=kafka-requests cannot read its inbox"));
        assertThat(kafka.committed(GROUP)).isOne();
      }

      assertThat(kafka.receive(2))
          .as(process.output())
          .extracting(it -> it.topic() + " " + it.key())
          .containsExactlyInAnyOrder("results before", "results during");
      await("every offset committed").atMost(LONGEST).until(() -> kafka.committed(GROUP) == 2);
    }
  }

  /** All records are read a second time, as if no offset had been committed before the kill. */
  @Test
  void answersEachRequestOnceAfterAKill() throws Exception {
    try (KafkaServer kafka = KafkaServer.start(folder);
        var provider = new CountingProvider().withBatchesOf(Duration.ofSeconds(5))) {
      kafka.sendAll(records(0));
      try (CaravanProcess killed = start(kafka, provider)) {
        await("first batch").atMost(LONGEST).until(() -> provider.calls("create") > 0);
        killed.kill();
      }
      kafka.rewind(GROUP);
      kafka.sendAll(records(REQUESTS));
      try (CaravanProcess second = start(kafka, provider)) {
        await("every offset committed")
            .atMost(LONGEST)
            .until(() -> kafka.committed(GROUP) == 2 * REQUESTS);

        assertThat(kafka.receive(2 * REQUESTS))
            .as(second.output())
            .extracting(it -> it.topic() + " " + it.key())
            .containsExactlyInAnyOrderElementsOf(
                IntStream.range(0, 2 * REQUESTS).mapToObj(i -> "results r-" + i).toList());
        assertThat(provider.account().paid().values()).hasSize(2 * REQUESTS).containsOnly(1L);
        assertThat(kafka.output()).doesNotContain("ERROR");
      }
    }
  }

  private CaravanProcess start(KafkaServer kafka, CountingProvider provider) throws IOException {
    var variables = new HashMap<>(provider.variables());
    variables.put("KAFKA_BROKERS", kafka.brokers());
    variables.put("CARAVAN_POLL_INITIAL", "100ms");
    variables.put("CARAVAN_POLL_MAX", "300ms");
    return CaravanProcess.start(caravan, variables);
  }

  private static List<KafkaServer.Sent> records(int from) {
    return IntStream.range(from, from + REQUESTS)
        .mapToObj(i -> new KafkaServer.Sent("r-" + i, request("")))
        .toList();
  }

  private static String request(String more) {
    return "{\"data\": {\"model\": \"gpt-4.1-mini\", \"messages\": []}%s}".formatted(more);
  }

  /** The code of a request that was refused before it was queued. */
  private static String code(ConsumerRecord<String, String> record) {
    return record.headers().lastHeader("CaravanJob") == null
        ? Outcome.parse(record.value()).at("/error/code").asText()
        : "-";
  }

  private static String header(ConsumerRecord<String, String> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
