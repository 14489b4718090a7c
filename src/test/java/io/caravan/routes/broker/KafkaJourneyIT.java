package io.caravan.routes.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the Kafka sample with a broker and an application, each of which is killed. */
class KafkaJourneyIT {
  private static final int RECORDS = 3;
  private static final int REQUESTS = 20;

  private final Path caravan;
  private final Path folder;

  KafkaJourneyIT(@TempDir Path folder) {
    this.folder = folder;
    caravan = folder.resolve("caravan");
  }

  @BeforeEach
  void install() throws Exception {
    KafkaServer.install(caravan, "kafka.camel.yaml", "caravan", UnaryOperator.identity());
  }

  @Test
  void answersARecord() throws Exception {
    try (KafkaServer kafka = KafkaServer.start(folder);
        var provider = new CountingProvider();
        CaravanProcess process = start(kafka, provider)) {
      kafka.send("0", TestCaravan.text(Line.chat("one", "record"), "no request"));

      List<ConsumerRecord<String, String>> received = kafka.receive(2);

      assertThat(received)
          .extracting(record -> record.topic() + " " + customId(record))
          .containsExactlyInAnyOrder("results one", "errors null");
      assertThat(received)
          .allSatisfy(record -> {
            assertThat(header(record, "CaravanJob")).isNotBlank();
            assertThat(header(record, "CaravanKind")).isEqualTo(record.topic());
          });
      assertThat(process.isAlive()).isTrue();
      assertThat(kafka.output()).doesNotContain("ERROR");
    }
  }

  @Tag("thorough")
  @Test
  void answersEveryRecordOnceAfterAKill() throws Exception {
    try (KafkaServer kafka = KafkaServer.start(folder);
        var provider = new CountingProvider().withBatchesOf(Duration.ofSeconds(5))) {
      send(kafka);
      try (CaravanProcess killed = start(kafka, provider)) {
        await().until(() -> provider.calls("create") > 0);
        killed.kill();
      }
      kafka.send("" + RECORDS, "a later record");
      try (CaravanProcess second = start(kafka, provider)) {
        assertThat(kafka.receive(RECORDS * REQUESTS + 1))
            .extracting(KafkaJourneyIT::customId)
            .containsExactlyInAnyOrderElementsOf(customIds());
        assertThat(provider.account().paid().values()).hasSize(RECORDS * REQUESTS).containsOnly(1L);
        await("every offset committed").until(() -> kafka.committed("caravan") == RECORDS + 1);
        assertThat(second.isAlive()).isTrue();
        assertThat(kafka.output()).doesNotContain("ERROR");
      }
    }
  }

  @Tag("thorough")
  @Test
  void answersEveryRecordAfterTheBrokerWasKilled() throws Exception {
    try (KafkaServer kafka = KafkaServer.start(folder);
        var provider = new CountingProvider().withBatchesOf(Duration.ofSeconds(5));
        CaravanProcess process = start(kafka, provider)) {
      send(kafka);
      await("batches").until(() -> provider.calls("create") == RECORDS);
      kafka.kill();
      await("deliveries to begin")
          .until(() ->
              process.output().lines().filter(it -> it.contains("submitted -> ended")).count()
                  == RECORDS);
      kafka.restart();
      kafka.send("" + RECORDS, "a later record");

      // what was sent when the broker died may come twice
      assertThat(kafka.receive(RECORDS * REQUESTS + 1))
          .extracting(KafkaJourneyIT::customId)
          .hasSameElementsAs(customIds());
      assertThat(provider.account().paid().values()).hasSize(RECORDS * REQUESTS).containsOnly(1L);
      await("every offset committed").until(() -> kafka.committed("caravan") == RECORDS + 1);
      assertThat(process.isAlive()).isTrue();
    }
  }

  private CaravanProcess start(KafkaServer kafka, CountingProvider provider) throws IOException {
    var variables = new HashMap<>(provider.variables());
    variables.put("KAFKA_BROKERS", kafka.brokers());
    variables.put("CARAVAN_POLL_INITIAL", "100ms");
    variables.put("CARAVAN_POLL_MAX", "300ms");
    return CaravanProcess.start(caravan, variables);
  }

  private static List<String> customIds() {
    var ids = new ArrayList<String>();
    for (int i = 0; i < RECORDS; i++) {
      for (int j = 0; j < REQUESTS; j++) {
        ids.add(customId(i, j));
      }
    }
    ids.add("null"); // the later record is no request
    return ids;
  }

  private static String customId(ConsumerRecord<String, String> record) {
    return Outcome.parse(record.value()).path("custom_id").asText();
  }

  private static String customId(int record, int request) {
    return record + "-" + request;
  }

  private static void send(KafkaServer kafka) {
    for (int i = 0; i < RECORDS; i++) {
      int record = i;
      String[] lines =
          IntStream.range(0, REQUESTS)
              .mapToObj(j -> Line.chat(customId(record, j), "record " + record))
              .toArray(String[]::new);
      kafka.send("" + i, TestCaravan.text(lines));
    }
  }

  private static String header(ConsumerRecord<String, String> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
