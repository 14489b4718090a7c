package io.caravan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.model.embedding.EmbeddingModel;
import io.caravan.server.Answer.Answered;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RouterTest {
  private final AtomicInteger loads = new AtomicInteger();
  private final LocalEmbeddings local = new LocalEmbeddings("ours", this::load);

  @Test
  void saysWhatToDoWithoutModelAndUpstream() throws Exception {
    var router = new Router(new Backends(Optional.empty(), Optional.empty()));

    assertThat(answer(router, Endpoint.EMBEDDINGS, "ours"))
        .contains("\"model_missing\"", "CARAVAN_UPSTREAM_URL");
    assertThat(answer(router, Endpoint.RESPONSES, "gpt"))
        .contains("\"upstream_missing\"", "CARAVAN_UPSTREAM_URL");
  }

  @Test
  void leavesOtherModelsToTheUpstream() {
    try (var upstream = new Upstream(settings("sk-1"), Clock.systemUTC())) {
      var router = new Router(new Backends(Optional.of(local), Optional.of(upstream)));

      assertThat(router.backendFor(Endpoint.EMBEDDINGS, body("ours"))).isSameAs(local);
      assertThat(router.backendFor(Endpoint.EMBEDDINGS, body("theirs"))).isSameAs(upstream);
      assertThat(router.backendFor(Endpoint.CHAT_COMPLETIONS, body("ours"))).isSameAs(upstream);
    }
  }

  @Test
  void triesToLoadABrokenModelOnce() throws Exception {
    var router = new Router(new Backends(Optional.of(local), Optional.empty()));
    assertThat(loads).hasValue(0);

    assertThat(answer(router, Endpoint.EMBEDDINGS, "ours")).contains("\"model_unavailable\"");
    assertThat(answer(router, Endpoint.EMBEDDINGS, "ours")).contains("\"model_unavailable\"");

    assertThat(loads).hasValue(1);
  }

  @Test
  void neverQuotesAKeyThatItCannotSend() {
    assertThatException()
        .isThrownBy(() -> new Upstream(settings("sk-1\nsecret"), Clock.systemUTC()).close())
        .satisfies(e -> assertThat(e.getMessage()).contains("api-key").doesNotContain("sk-1"));
    new Upstream(settings("sk-1\n"), Clock.systemUTC()).close();
  }

  private EmbeddingModel load() {
    loads.incrementAndGet();
    throw new UnsatisfiedLinkError("no such library");
  }

  private static String answer(Router router, Endpoint endpoint, String model) throws Exception {
    ObjectNode body = body(model).put("input", "a");
    return ((Answered) router.backendFor(endpoint, body).answer(endpoint, body)).body().toString();
  }

  private static ObjectNode body(String model) {
    return Json.MAPPER.createObjectNode().put("model", model);
  }

  private static UpstreamSettings settings(String key) {
    Duration any = Duration.ofSeconds(1);
    return new UpstreamSettings("http://127.0.0.1:9", key, 1, any, any, 1, any, any, any);
  }
}
