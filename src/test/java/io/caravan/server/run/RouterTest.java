package io.caravan.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import dev.langchain4j.model.embedding.EmbeddingModel;
import io.caravan.call.Call;
import io.caravan.server.backend.Backend;
import io.caravan.server.backend.BackendAnswer.Answered;
import io.caravan.server.embedding.LocalEmbeddings;
import io.caravan.server.settings.UpstreamServer;
import io.caravan.server.settings.UpstreamSettingsTest;
import io.caravan.server.upstream.Upstream;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.Json;
import io.caravan.server.wire.JsonBytes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RouterTest {
  private final EventLoopGroup loops = Backends.startLoops();
  private final AtomicInteger loads = new AtomicInteger();
  private final LocalEmbeddings local = new LocalEmbeddings("ours", this::load);

  @AfterEach
  void stop() {
    var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void saysWhatToDoWithoutModelAndUpstream() throws Exception {
    var router = new Router(new Backends(Optional.empty(), List.of(), loops));

    assertThat(answer(router, Endpoint.EMBEDDINGS, "ours"))
        .contains("\"model_missing\"", "CARAVAN_UPSTREAM_URL");
    assertThat(answer(router, Endpoint.RESPONSES, "gpt"))
        .contains("\"upstream_missing\"", "CARAVAN_UPSTREAM_URL");
  }

  @Test
  void routesOtherModelsToTheUpstream() {
    try (var upstream = upstream("any", "*")) {
      var router = new Router(new Backends(Optional.of(local), List.of(upstream), loops));

      assertThat(router.backendsFor(Endpoint.EMBEDDINGS, "ours")).containsExactly(local);
      assertThat(router.backendsFor(Endpoint.EMBEDDINGS, "theirs")).containsExactly(upstream);
      assertThat(router.backendsFor(Endpoint.CHAT_COMPLETIONS, "ours")).containsExactly(upstream);
    }
  }

  @Test
  void prefersTheMostExactPattern() throws Exception {
    try (var any = upstream("any", "*");
        var llama = upstream("llama", "llama-*");
        var twin = upstream("twin", "mistral", "llama-*");
        var big = upstream("big", "llama-*-70b")) {
      var router =
          new Router(new Backends(Optional.empty(), List.of(any, llama, twin, big), loops));

      assertThat(router.backendsFor(Endpoint.RESPONSES, "llama-3-8b")).containsExactly(llama, twin);
      assertThat(router.backendsFor(Endpoint.RESPONSES, "llama-3-70b")).containsExactly(big);
      assertThat(router.backendsFor(Endpoint.RESPONSES, "gpt")).containsExactly(any);
      assertThat(router.backendsFor(Endpoint.MODERATIONS, "")).containsExactly(any);
    }
  }

  @Test
  void namesAModelThatNoUpstreamHas() throws Exception {
    try (var llama = upstream("llama", "llama-*")) {
      var router = new Router(new Backends(Optional.empty(), List.of(llama), loops));

      assertThat(answer(router, Endpoint.RESPONSES, "gpt"))
          .contains("\"model_not_found\"", "'gpt'", "caravan.upstream.further");
    }
  }

  @Test
  void triesToLoadABrokenModelOnce() throws Exception {
    var router = new Router(new Backends(Optional.of(local), List.of(), loops));
    assertThat(loads).hasValue(0);

    assertThat(answer(router, Endpoint.EMBEDDINGS, "ours")).contains("\"model_unavailable\"");
    assertThat(answer(router, Endpoint.EMBEDDINGS, "ours")).contains("\"model_unavailable\"");

    assertThat(loads).hasValue(1);
  }

  @Test
  void neverRevealsAnInvalidUpstreamKey() {
    assertThatException()
        .isThrownBy(() -> server("sk-1\nsecret").authorization())
        .satisfies(e -> assertThat(e.getMessage()).contains("api-key").doesNotContain("sk-1"));
    assertThat(server("sk-1\n").authorization()).contains("Bearer sk-1");
  }

  private EmbeddingModel load() {
    loads.incrementAndGet();
    throw new UnsatisfiedLinkError("no such library");
  }

  private static String answer(Router router, Endpoint endpoint, String model) throws Exception {
    JsonBytes body =
        JsonBytes.of(Json.MAPPER.createObjectNode().put("model", model).put("input", "a"));
    Backend backend = router.backendsFor(endpoint, model).getFirst();
    return ((Answered) backend.answer(endpoint, body, new Call(true)).join()).body().toString();
  }

  private static UpstreamServer server(String key) {
    return new UpstreamServer("x", "http://127.0.0.1:9", key, List.of("*"), 1, 1);
  }

  private Upstream upstream(String name, String... models) {
    return new Upstream(
        new UpstreamServer(name, "http://127.0.0.1:9", null, List.of(models), 1, 1),
        UpstreamSettingsTest.settings("http://127.0.0.1:9"),
        loops,
        Clock.systemUTC(),
        new SimpleMeterRegistry());
  }
}
