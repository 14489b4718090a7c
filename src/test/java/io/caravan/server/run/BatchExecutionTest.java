package io.caravan.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.models.batches.Batch;
import io.caravan.server.GatedUpstream;
import io.caravan.server.TestServer;
import io.caravan.server.TestUpstream;
import io.caravan.server.TestUpstream.Reply;
import io.caravan.server.wire.Endpoint;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batch execution: choice of upstreams, joined embeddings, outages and reported throughput. */
class BatchExecutionTest {
  @TempDir private Path directory;

  @Test
  void routesEachModelToItsUpstream() throws Exception {
    try (var any = TestUpstream.named("any");
        var llama = TestUpstream.named("llama");
        TestServer server =
            start(
                "caravan.upstream.url=" + any.url(),
                "caravan.upstream.further.gpu.url=" + llama.url(),
                "caravan.upstream.further.gpu.models=llama-*")) {
      assertThat(content(server, chat("a", "llama-3"))).isEqualTo("llama");
      assertThat(content(server, chat("a", "other"))).isEqualTo("any");

      MeterRegistry meters = server.bean(MeterRegistry.class);
      assertThat(meters.timer("caravan.upstream.calls", "upstream", "gpu", "status", "2xx").count())
          .isEqualTo(1);
      assertThat(meters.get("caravan.upstream.concurrency").tag("upstream", "gpu").gauge().value())
          .isGreaterThan(0);
    }
  }

  @Test
  void spreadsAModelOverItsUpstreams() throws Exception {
    try (var one = TestUpstream.named("one");
        var two = TestUpstream.named("two");
        TestServer server =
            start(
                "caravan.upstream.url=" + one.url(),
                "caravan.upstream.further.second.url=" + two.url())) {
      Batch batch = server.run(Endpoint.CHAT_COMPLETIONS, chats(60));

      assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(60);
      assertThat(one.asked().size() + two.asked().size()).isEqualTo(60);
      assertThat(one.asked()).hasSizeGreaterThan(5);
      assertThat(two.asked()).hasSizeGreaterThan(5);
    }
  }

  @Test
  void joinsEmbeddingsAndSplitsAnswers() throws Exception {
    try (var upstream = new TestUpstream(TestUpstream::embed);
        TestServer server = start("caravan.upstream.url=" + upstream.url())) {
      Batch batch = server.run(Endpoint.EMBEDDINGS, embeddings(400));

      List<JsonNode> lines = server.lines(batch.outputFileId());
      assertThat(lines)
          .hasSize(400)
          .allSatisfy(line -> {
            JsonNode body = line.at("/response/body");
            assertThat(body.path("data")).hasSize(1);
            assertThat(body.at("/data/0/index").asInt()).isZero();
            assertThat("r" + body.at("/data/0/embedding/0").asInt())
                .isEqualTo(line.path("custom_id").asText());
          });
      assertThat(upstream.asked()).hasSizeLessThan(100);
      assertThat(batch.usage().orElseThrow().inputTokens())
          .isEqualTo(10L * upstream.asked().size());
    }
  }

  @Test
  void sendsEmbeddingsOneByOneIfArraysAreRejected() throws Exception {
    try (var upstream =
            new TestUpstream(body ->
                body.path("input").isArray()
                    ? Reply.error(400, "input must be a string")
                    : TestUpstream.embed(body));
        TestServer server = start("caravan.upstream.url=" + upstream.url())) {
      Batch batch = server.run(Endpoint.EMBEDDINGS, embeddings(400));

      assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(400);
      assertThat(upstream.asked().stream().filter(body -> body.path("input").isArray()))
          .hasSizeBetween(1, 4);
    }
  }

  @Test
  void failsOnlyTheRequestWithABadText() throws Exception {
    try (var upstream =
            new TestUpstream(body ->
                body.path("input").toString().contains("\"" + "x".repeat(7) + "\"")
                    ? Reply.error(400, "bad text")
                    : TestUpstream.embed(body));
        TestServer server = start("caravan.upstream.url=" + upstream.url())) {
      Batch batch = server.run(Endpoint.EMBEDDINGS, embeddings(100));

      assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(99);
      assertThat(server.lines(batch.errorFileId()))
          .singleElement()
          .satisfies(line -> assertThat(line.path("custom_id").asText()).isEqualTo("r7"));
    }
  }

  @Test
  void retriesWhileAnUpstreamIsDown() throws Exception {
    int port;
    try (var gone = TestUpstream.named("gone")) {
      port = gone.port();
    }
    try (TestServer server =
        start(
            "caravan.upstream.url=http://127.0.0.1:" + port, "caravan.upstream.max-backoff=50ms")) {
      Batch batch = server.create(Endpoint.CHAT_COMPLETIONS, chats(20));
      await().until(() -> pace(server, batch).path("retries").asInt() > 20);

      try (var back = new TestUpstream(port, body -> Reply.good(GatedUpstream.echo("back")))) {
        assertThat(server.awaitEnd(batch).requestCounts().orElseThrow().completed()).isEqualTo(20);
        assertThat(back.asked()).hasSize(20);
      }
    }
  }

  @Test
  void answers503ToDirectRequestsWhileAnUpstreamIsDown() throws Exception {
    try (TestServer server = start("caravan.upstream.url=http://127.0.0.1:9")) {
      var response =
          server.post(
              "/v1/chat/completions", TestServer.json(chat("a", "m")).path("body").toString());

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).contains("upstream_unreachable");
    }
  }

  @Test
  void reportsTheThroughputOfABatch() throws Exception {
    try (var upstream = new GatedUpstream();
        TestServer server = start("caravan.upstream.url=" + upstream.url())) {
      Batch batch = server.create(Endpoint.CHAT_COMPLETIONS, chats(30));
      upstream.let(10);
      await().until(() -> upstream.heard() == 14);
      await().until(() -> pace(server, batch).path("requests_per_second").asDouble() > 0);

      JsonNode pace = pace(server, batch);
      assertThat(pace.path("in_flight").asInt()).isEqualTo(4);
      assertThat(pace.path("concurrency").asInt()).isEqualTo(4);
      assertThat(pace.path("retries").asInt()).isZero();
      assertThat(pace.path("estimated_end_at").asLong()).isPositive();

      upstream.let(100);
      server.awaitEnd(batch);
      assertThat(pace(server, batch).isMissingNode()).isTrue();
    }
  }

  private TestServer start(String... settings) {
    return TestServer.start(directory, settings);
  }

  private static JsonNode pace(TestServer server, Batch batch) throws Exception {
    return TestServer.json(server.get("/v1/batches/" + batch.id()).body()).path("pace");
  }

  private static String content(TestServer server, String line) {
    Batch batch = server.run(Endpoint.CHAT_COMPLETIONS, line);
    return server
        .lines(batch.outputFileId())
        .getFirst()
        .at("/response/body/choices/0/message/content")
        .asText();
  }

  private static String chat(String id, String model) {
    return TestServer.chat(id).replace("\"model\":\"m\"", "\"model\":\"%s\"".formatted(model));
  }

  private static String[] chats(int count) {
    return ids(count).map(TestServer::chat).toArray(String[]::new);
  }

  /** The id of each request contains the length of its text. */
  private static String[] embeddings(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(
            i -> TestServer.embedding("r" + i, "x".repeat(i)).replace("all-MiniLM-L6-v2", "e"))
        .toArray(String[]::new);
  }

  private static Stream<String> ids(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> "r" + i);
  }
}
