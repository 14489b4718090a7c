package io.caravan.server;

import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import io.caravan.server.Answer.NotRun;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class UpstreamHangTest {
  private final EventLoopGroup loops = Backends.startLoops();
  private final WireMockServer server =
      new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

  @BeforeEach
  void start() {
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
    var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void givesUpWaitingForAnAnswer() throws Exception {
    assertThat(answer(okJson("{}").withFixedDelay(30_000)).code()).isEqualTo("request_timeout");
  }

  @Test
  void givesUpWaitingForTheRestOfAnAnswer() throws Exception {
    var dribbling =
        okJson("{\"a\":\"long enough for ten pieces\"}").withChunkedDribbleDelay(10, 30_000);

    assertThat(answer(dribbling).code()).isEqualTo("request_timeout");
  }

  @Test
  void saysWhenNobodyListens() throws Exception {
    String url = server.baseUrl();
    server.stop();

    NotRun answer = answer(url);

    assertThat(answer.code()).isEqualTo("upstream_unreachable");
    assertThat(answer.message())
        .contains(url.substring("http://".length()), "CARAVAN_UPSTREAM_URL");
  }

  private NotRun answer(ResponseDefinitionBuilder response) {
    server.stubFor(post(anyUrl()).willReturn(response));
    return answer(server.baseUrl());
  }

  @Test
  void breaksOffWhatIsCalledOff() {
    server.stubFor(post(anyUrl()).willReturn(okJson("{}").withFixedDelay(30_000)));
    try (var upstream = upstream(server.baseUrl(), Duration.ofMinutes(1))) {
      var call = new Call(true);
      CompletableFuture<Answer> answer = ask(upstream, call);
      await().until(() -> !server.findAll(postRequestedFor(anyUrl())).isEmpty());

      call.cancel();

      assertThatThrownBy(answer::join).isInstanceOf(CancellationException.class);
    }
  }

  @Test
  void sendsNothingThatWasCalledOffBefore() {
    try (var upstream = upstream(server.baseUrl(), Duration.ofMinutes(1))) {
      var call = new Call(true);
      call.cancel();

      assertThatThrownBy(ask(upstream, call)::join).isInstanceOf(CancellationException.class);
    }
    assertThat(server.findAll(postRequestedFor(anyUrl()))).isEmpty();
  }

  private NotRun answer(String url) {
    try (var upstream = upstream(url, Duration.ofMillis(300))) {
      return (NotRun) ask(upstream, new Call(true)).join();
    }
  }

  private static CompletableFuture<Answer> ask(Upstream upstream, Call call) {
    var body = JsonBytes.of(Json.MAPPER.createObjectNode().put("model", "m"));
    return upstream.answer(Endpoint.CHAT_COMPLETIONS, body, call);
  }

  private Upstream upstream(String url, Duration wait) {
    Duration soon = Duration.ofMillis(1);
    var settings =
        new UpstreamSettings(url, null, 1, 1, 2.5, 1, wait, wait, 2, soon, soon, soon, Map.of());
    return new Upstream(
        settings.servers().getFirst(),
        settings,
        loops,
        Clock.systemUTC(),
        new SimpleMeterRegistry());
  }
}
