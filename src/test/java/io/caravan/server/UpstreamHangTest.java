package io.caravan.server;

import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import io.caravan.server.Answer.NotRun;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class UpstreamHangTest {
  private final WireMockServer server =
      new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

  @BeforeEach
  void start() {
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
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

  private static NotRun answer(String url) {
    Duration wait = Duration.ofMillis(300);
    Duration soon = Duration.ofMillis(1);
    var settings =
        new UpstreamSettings(url, null, 1, 1, 2.5, 1, wait, wait, 2, soon, soon, soon, Map.of());
    var meters = new SimpleMeterRegistry();
    EventLoopGroup loops = Backends.startLoops();
    try (var upstream =
        new Upstream(settings.servers().getFirst(), settings, loops, Clock.systemUTC(), meters)) {
      var body = JsonBytes.of(Json.MAPPER.createObjectNode().put("model", "m"));
      return (NotRun) upstream.answer(Endpoint.CHAT_COMPLETIONS, body, new Call(true)).join();
    } finally {
      var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
