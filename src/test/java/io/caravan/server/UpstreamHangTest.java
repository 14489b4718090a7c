package io.caravan.server;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
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
import io.caravan.call.Call;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.BackendAnswer.NotRun;
import io.caravan.server.run.Backends;
import io.caravan.server.settings.UpstreamSettings;
import io.caravan.server.upstream.Upstream;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.Json;
import io.caravan.server.wire.JsonBytes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@Tag("thorough")
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
  void abortsTooLargeAnswersWithoutRetry() throws Exception {
    byte[] endless = new byte[(64 << 20) + 1];
    Arrays.fill(endless, (byte) 'x');

    server.stubFor(post(anyUrl()).willReturn(aResponse().withBody(endless)));
    try (var upstream = upstream(server.baseUrl(), Duration.ofMinutes(1))) {
      assertThat(ask(upstream, new Call(true)).join())
          .isInstanceOfSatisfying(
              NotRun.class, answer -> assertThat(answer.code()).isEqualTo("answer_too_large"));
    }
    server.verify(1, postRequestedFor(anyUrl()));
  }

  @Test
  void givesUpWaitingForTheRestOfAnAnswer() throws Exception {
    var dribbling =
        okJson("{\"a\":\"long enough for ten pieces\"}").withChunkedDribbleDelay(10, 30_000);

    assertThat(answer(dribbling).code()).isEqualTo("request_timeout");
  }

  @Test
  void reportsARefusedConnection() throws Exception {
    String url = server.baseUrl();
    server.stop();

    NotRun answer = answer(url);

    assertThat(answer.code()).isEqualTo("upstream_unreachable");
    assertThat(answer.message())
        .contains(url.substring("http://".length()), "CARAVAN_UPSTREAM_URL");
  }

  @Test
  void runsOtherRequestsWhileOneAwaitsARetry() {
    server.stubFor(post(anyUrl()).willReturn(aResponse().withStatus(502)));
    Duration wait = Duration.ofMinutes(1);
    try (var upstream = upstream(server.baseUrl(), wait, wait)) {
      assertThat(upstream.rooms()).isEqualTo(1);
      var call = new Call(true);
      CompletableFuture<BackendAnswer> answer = ask(upstream, call);

      await().until(() -> upstream.rooms() == 2);
      assertThat(upstream.concurrency()).isEqualTo(1);
      call.cancel();

      assertThatThrownBy(answer::join).isInstanceOf(CancellationException.class);
      assertThat(upstream.rooms()).isEqualTo(1);
    }
  }

  @Test
  void retriesAtOnceWhenAPooledConnectionWasClosed() throws Exception {
    try (var closing = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        var upstream =
            upstream(
                "http://127.0.0.1:" + closing.getLocalPort(),
                Duration.ofMinutes(1),
                Duration.ofMinutes(1))) {
      var answering = Thread.ofVirtual().start(() -> answerTwo(closing));

      assertThat(ask(upstream, new Call(true)).join()).isInstanceOf(BackendAnswer.Answered.class);
      assertThat(ask(upstream, new Call(true)).join()).isInstanceOf(BackendAnswer.Answered.class);

      answering.join();
    }
  }

  /** Sends one answer per connection, and closes it when the next request arrives. */
  private static void answerTwo(ServerSocket closing) {
    byte[] answer =
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 2; i++) {
      try (Socket socket = closing.accept()) {
        byte[] request = new byte[10_000];
        assertThat(socket.getInputStream().read(request)).isPositive();
        socket.getOutputStream().write(answer);
        assertThat(i == 1 || socket.getInputStream().read(request) > 0).isTrue();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private NotRun answer(ResponseDefinitionBuilder response) {
    server.stubFor(post(anyUrl()).willReturn(response));
    return answer(server.baseUrl());
  }

  @Test
  void abortsCancelledCalls() {
    server.stubFor(post(anyUrl()).willReturn(okJson("{}").withFixedDelay(30_000)));
    try (var upstream = upstream(server.baseUrl(), Duration.ofMinutes(1))) {
      var call = new Call(true);
      CompletableFuture<BackendAnswer> answer = ask(upstream, call);
      await().until(() -> !server.findAll(postRequestedFor(anyUrl())).isEmpty());

      call.cancel();

      assertThatThrownBy(answer::join).isInstanceOf(CancellationException.class);
    }
  }

  @Test
  void sendsNothingForCallsCancelledBefore() {
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

  private static CompletableFuture<BackendAnswer> ask(Upstream upstream, Call call) {
    var body = JsonBytes.of(Json.MAPPER.createObjectNode().put("model", "m"));
    return upstream.answer(Endpoint.CHAT_COMPLETIONS, body, call);
  }

  private Upstream upstream(String url, Duration wait) {
    return upstream(url, wait, Duration.ofMillis(1));
  }

  private Upstream upstream(String url, Duration wait, Duration soon) {
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
