package io.caravan.routes.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.TestCaravan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
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
import org.jspecify.annotations.Nullable;

/** A Kafka broker with the topics {@code requests}, {@code results} and {@code errors}. */
final class KafkaServer implements AutoCloseable {
  private static final String REQUESTS = "requests";

  /** The broker takes a killed consumer's partitions away after this time, else after 45 s. */
  private static final String FORGET_THE_KILLED =
      "\n        sessionTimeoutMs: 3000\n        heartbeatIntervalMs: 1000\n        #";

  private final Path folder;
  private final Path lib;
  private final Path settings;
  private final String brokers;
  private Broker broker;

  private KafkaServer(Path folder, Path lib, Path settings, String brokers) throws IOException {
    this.folder = folder;
    this.lib = lib;
    this.settings = settings;
    this.brokers = brokers;
    broker = run();
  }

  private Broker run() throws IOException {
    return Broker.start(folder, lib, "kafka.Kafka", settings.toString())
        .awaitOutput("Kafka Server started");
  }

  /** Kills the broker. */
  void kill() {
    broker.close();
  }

  /** Starts the broker again, at the same address and with its data. */
  void restart() throws IOException {
    broker = run();
  }

  /** Prepares a working directory with Kafka's component and a sample, whose text is changed. */
  static void install(Path caravan, String sample, String group, UnaryOperator<String> change)
      throws IOException, InterruptedException {
    Broker.add(caravan, "kafka");
    TestCaravan.copyRoutes(caravan.resolve("routes"));
    String text = Files.readString(Path.of("samples/pipelines", sample));
    Files.writeString(
        caravan.resolve("routes/pipelines").resolve(sample),
        change.apply(text.replace("groupId: " + group, "groupId: " + group + FORGET_THE_KILLED)));
  }

  static KafkaServer start(Path folder) throws IOException, InterruptedException {
    int port = TestCaravan.freePort();
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
    return new KafkaServer(folder, lib, settings, "127.0.0.1:" + port);
  }

  /** The address for its clients. */
  String brokers() {
    return brokers;
  }

  String output() {
    return broker.output();
  }

  /** Sends a record to the topic {@code requests}. */
  void send(@Nullable String key, @Nullable String value) {
    sendAll(List.of(new Sent(key, value)));
  }

  /** A record to send. */
  record Sent(@Nullable String key, @Nullable String value) {}

  /** Sends records to the topic {@code requests}, in this order. */
  void sendAll(List<Sent> records) {
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", brokers),
            new StringSerializer(),
            new StringSerializer())) {
      List<? extends Future<?>> sent =
          records.stream()
              .map(it -> producer.send(new ProducerRecord<>(REQUESTS, it.key(), it.value())))
              .toList();
      assertThat(sent).allSatisfy(it -> assertThat(it).succeedsWithin(Duration.ofMinutes(1)));
    }
  }

  /** Waits until the topics {@code results} and {@code errors} have that many records. */
  List<ConsumerRecord<String, String>> receive(int count) {
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

  /** The offset that a group has committed in the topic {@code requests}. */
  long committed(String group) throws Exception {
    try (Admin admin = admin()) {
      OffsetAndMetadata offset =
          admin
              .listConsumerGroupOffsets(group)
              .partitionsToOffsetAndMetadata()
              .get()
              .get(new TopicPartition(REQUESTS, 0));
      return offset == null ? 0 : offset.offset();
    }
  }

  /** Lets a group without members read all records again. */
  void rewind(String group) {
    try (Admin admin = admin()) {
      await("no members")
          .ignoreExceptions()
          .until(() ->
              admin
                      .alterConsumerGroupOffsets(
                          group, Map.of(new TopicPartition(REQUESTS, 0), new OffsetAndMetadata(0)))
                      .all()
                      .get()
                  == null);
    }
  }

  private Admin admin() {
    return Admin.create(Map.<String, Object>of("bootstrap.servers", brokers));
  }

  @Override
  public void close() {
    broker.close();
  }
}
