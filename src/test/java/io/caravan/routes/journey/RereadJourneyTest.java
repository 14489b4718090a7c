package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.caravan.routes.Line;
import io.caravan.routes.TestCaravan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests that every step of a user's route can read the whole output. */
@ExtendWith(OutputCaptureExtension.class)
class RereadJourneyTest {
  /**
   * A webhook that fails at first, three ways to read at the same time, and two after each other.
   */
  private static final String PIPELINE =
      """
      - beans:
          - name: often
            type: io.caravan.flow.Pipeline
            properties: {provider: local}
      - route:
          id: often-inbox
          from:
            uri: file
            parameters: {directoryName: FOLDER/in, filter: "#inboxFilter"}
            steps:
              - to: direct:job-accept
      - route:
          id: often-results
          errorHandler:
            defaultErrorHandler:
              redeliveryPolicy: {maximumRedeliveries: 3, redeliveryDelay: 10}
          from:
            uri: direct:often-results
            steps:
              - log: "logged ${body}"
              - setHeader: {name: CamelHttpMethod, constant: POST}
              - to: WEBHOOK
      - route:
          id: often-errors
          from:
            uri: direct:often-errors
            steps:
              - log: "logged ${body}"
              - multicast:
                  steps:
                    - to: direct:often-first
                    - to: {uri: file, parameters: {directoryName: FOLDER/out, fileName: second.jsonl}}
              - multicast:
                  parallelProcessing: true
                  steps:
                    - to: {uri: file, parameters: {directoryName: FOLDER/out, fileName: third.jsonl}}
                    - to: {uri: file, parameters: {directoryName: FOLDER/out, fileName: fourth.jsonl}}
              - wireTap: {uri: "direct:often-tap"}
              - bean: {ref: csvOutput, method: write}
              - log: "table ${body}"
              - to: {uri: file, parameters: {directoryName: FOLDER/out, fileName: sixth.csv}}
      - route:
          id: often-first
          from:
            uri: direct:often-first
            steps:
              - log: "logged ${body}"
              - to: {uri: file, parameters: {directoryName: FOLDER/out, fileName: first.jsonl}}
      - route:
          id: often-tap
          from:
            uri: direct:often-tap
            steps:
              - log: "logged ${body}"
              - to: {uri: file, parameters: {directoryName: FOLDER/out, fileName: fifth.jsonl}}
      """;

  private final List<String> posted = new CopyOnWriteArrayList<>();

  @Test
  void eachStepReadsAllOfIt(@TempDir Path folder, CapturedOutput output) throws IOException {
    HttpServer webhook =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    webhook.createContext("/", this::receive);
    webhook.start();
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Files.writeString(
        routes.resolve("pipelines/often.camel.yaml"),
        PIPELINE
            .replace("FOLDER", folder + "")
            .replace("WEBHOOK", "http://127.0.0.1:" + webhook.getAddress().getPort()));
    Files.createDirectories(folder.resolve("in"));
    Files.writeString(
        folder.resolve("in/x.jsonl"), Line.embedding("good", "text") + "\nno request\n");

    try (TestCaravan caravan = TestCaravan.in(folder).with("caravan.routes", routes).start()) {
      caravan.awaitReport("x");
      await().until(() -> Files.exists(folder.resolve("out/fifth.jsonl")));
    } finally {
      webhook.stop(0);
    }

    assertThat(posted).hasSize(3).allMatch(it -> it.contains("\"good\"") && it.endsWith("\n"));
    for (String name : List.of("first", "second", "third", "fourth", "fifth")) {
      assertThat(Files.readString(folder.resolve("out/" + name + ".jsonl")))
          .contains("invalid_json_line")
          .hasLineCount(1);
    }
    assertThat(Files.readString(folder.resolve("out/sixth.csv"))).contains("custom_id");
    assertThat(output.getAll().lines().filter(line -> line.contains("logged {"))).hasSize(4);
    assertThat(output.getAll()).contains("table custom_id");
  }

  /** Fails twice. */
  private void receive(HttpExchange exchange) throws IOException {
    posted.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    exchange.sendResponseHeaders(posted.size() < 3 ? 503 : 204, -1);
    exchange.close();
  }
}
