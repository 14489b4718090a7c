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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the Kafka sample with a broker and an application that is killed. */
class KafkaJourneyIT {
  private static final int RECORDS = 3;
  private static final int REQUESTS = 20;

  /** The broker takes a killed consumer's partitions away after this time, else after 45 s. */
  private static final String FORGET_THE_KILLED =
      "\n        sessionTimeoutMs: 3000\n        heartbeatIntervalMs: 1000\n        #";

  private final Path caravan;
  private final Path folder;
  private final int port;
  private final String brokers;

  KafkaJourneyIT(@TempDir Path folder) throws IOException {
    this.folder = folder;
    caravan = folder.resolve("caravan");
    port = TestCaravan.freePort();
    brokers = "127.0.0.1:" + port;
  }

  @BeforeEach
  void install() throws Exception {
    Broker.add(caravan, "kafka");
    TestCaravan.copyRoutes(caravan.resolve("routes"));
    Files.writeString(
        caravan.resolve("routes/pipelines/kafka.camel.yaml"),
        Files.readString(Path.of("samples/pipelines/kafka.camel.yaml"))
            .replace("groupId: caravan", "groupId: caravan" + FORGET_THE_KILLED));
  }

  @Test
  void answersARecord() throws Exception {
    try (Broker broker = kafka();
        var provider = new CountingProvider();
        CaravanProcess process = start(provider)) {
      send(0, TestCaravan.text(Line.chat("one", "record"), "no request"));

      List<ConsumerRecord<String, String>> received = receive(2);

      assertThat(received)
          .extracting(record -> record.topic() + " " + customId(record))
          .containsExactlyInAnyOrder("results one", "errors null");
      assertThat(received)
          .allSatisfy(record -> {
            assertThat(header(record, "CaravanJob")).isNotBlank();
            assertThat(header(record, "CaravanKind")).isEqualTo(record.topic());
          });
      assertThat(process.isAlive()).isTrue();
      assertThat(broker.output()).doesNotContain("ERROR");
    }
  }

  @Tag("thorough")
  @Test
  void answersEveryRecordOnceAfterAKill() throws Exception {
    try (Broker broker = kafka();
        var provider = new CountingProvider().withBatchesOf(Duration.ofSeconds(5))) {
      send();
      try (CaravanProcess killed = start(provider)) {
        await().until(() -> provider.calls("create") > 0);
        killed.kill();
      }
      send(RECORDS, "a later record");
      try (CaravanProcess second = start(provider)) {
        assertThat(receive(RECORDS * REQUESTS + 1))
            .extracting(KafkaJourneyIT::customId)
            .containsExactlyInAnyOrderElementsOf(customIds());
        assertThat(provider.account().paid().values()).hasSize(RECORDS * REQUESTS).containsOnly(1L);
        await("every offset committed").until(() -> committed() == RECORDS + 1);
        assertThat(second.isAlive()).isTrue();
        assertThat(broker.output()).doesNotContain("ERROR");
      }
    }
  }

  private Broker kafka() throws IOException, InterruptedException {
    Path lib = Broker.libraries("org.apache.kafka:kafka_2.13");
    int controller = TestCaravan.freePort();
    Path settings =
        Files.writeString(
            folder.resolve("server.properties"),
            """
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@127.0.0.1:%2$d
            listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
            controller.listener.names=CONTROLLER
            listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
            log.dirs=%3$s
            offsets.topic.replication.factor=1
            offsets.topic.num.partitions=1
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            group.initial.rebalance.delay.ms=0
            group.min.session.timeout.ms=1000
            """
                .formatted(port, controller, folder.resolve("kafka")));
    Broker.run(
        folder,
        lib,
        "kafka.tools.StorageTool",
        "format",
        "-t",
        Uuid.randomUuid().toString(),
        "-c",
        settings.toString());
    return Broker.start(folder, lib, "kafka.Kafka", settings.toString())
        .awaitOutput("Kafka Server started");
  }

  private CaravanProcess start(CountingProvider provider) throws IOException {
    var variables = new HashMap<>(provider.variables());
    variables.put("KAFKA_BROKERS", brokers);
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

  private void send() {
    for (int i = 0; i < RECORDS; i++) {
      int record = i;
      String[] lines =
          IntStream.range(0, REQUESTS)
              .mapToObj(j -> Line.chat(customId(record, j), "record " + record))
              .toArray(String[]::new);
      send(i, TestCaravan.text(lines));
    }
  }

  private void send(int record, String value) {
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", brokers),
            new StringSerializer(),
            new StringSerializer())) {
      assertThat(producer.send(new ProducerRecord<>("requests", "" + record, value)))
          .succeedsWithin(Duration.ofMinutes(1));
    }
  }

  private List<ConsumerRecord<String, String>> receive(int count) {
    var received = new ArrayList<ConsumerRecord<String, String>>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers",
                brokers,
                "group.id",
                "test-" + UUID.randomUUID(),
                "metadata.max.age.ms",
                "500",
                "auto.offset.reset",
                "earliest"),
            new StringDeserializer(),
            new StringDeserializer())) {
      consumer.subscribe(List.of("results", "errors"));
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> {
            consumer.poll(Duration.ofMillis(100)).forEach(received::add);
            return received.size() >= count;
          });
    }
    return received;
  }

  private static String header(ConsumerRecord<String, String> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  private long committed() throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
      OffsetAndMetadata offset =
          admin
              .listConsumerGroupOffsets("caravan")
              .partitionsToOffsetAndMetadata()
              .get()
              .get(new TopicPartition("requests", 0));
      return offset == null ? 0 : offset.offset();
    }
  }
}
