package io.caravan.server.upstream;

import io.caravan.call.AdaptiveCalls;
import io.caravan.call.Call;
import io.caravan.call.CallSettings;
import io.caravan.call.CallTarget;
import io.caravan.server.backend.Backend;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.settings.UpstreamServer;
import io.caravan.server.settings.UpstreamSettings;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.JsonBytes;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An OpenAI-compatible server that runs single requests. */
public final class Upstream implements Backend, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Upstream.class);

  private final UpstreamServer server;
  private final UpstreamSettings settings;
  private final AdaptiveCalls<BackendAnswer> calls;
  private final Map<Endpoint, String> paths = new ConcurrentHashMap<>();
  private volatile boolean joins = true;

  public Upstream(
      UpstreamServer server,
      UpstreamSettings settings,
      EventLoopGroup loops,
      Clock clock,
      MeterRegistry meters) {
    this.server = server;
    this.settings = settings;
    this.calls =
        new AdaptiveCalls<>(
            new CallTarget(
                server.name(),
                server.address(""),
                server.host(),
                server.authorization().map(key -> Map.of("Authorization", key)).orElse(Map.of()),
                server.minConcurrency(),
                server.maxConcurrency()),
            new CallSettings(
                settings.latencyTolerance(),
                settings.connectTimeout(),
                settings.requestTimeout(),
                settings.maxAttempts(),
                settings.initialBackoff(),
                settings.maxBackoff(),
                settings.loadingTimeout()),
            new UpstreamAnswers(server.host(), settings.requestTimeout()),
            loops,
            clock,
            meters);
  }

  @Override
  public String name() {
    return server.name();
  }

  public UpstreamServer server() {
    return server;
  }

  @Override
  public int concurrency() {
    return calls.concurrency();
  }

  @Override
  public int rooms() {
    return calls.rooms();
  }

  @Override
  public int mostJoined() {
    return joins ? settings.embeddingRequests() : 1;
  }

  @Override
  public void joinNoMore() {
    joins = false;
    log.info("upstream={} rejects joined embeddings requests; sending them one by one", name());
  }

  @Override
  public CompletableFuture<BackendAnswer> answer(Endpoint endpoint, JsonBytes body, Call call) {
    String path = paths.computeIfAbsent(endpoint, known -> path(known.path()));
    return calls.post(path, body::toByteArray, call);
  }

  /** Lists the models of the upstream in one attempt; empty if its reply is not JSON. */
  public CompletableFuture<Optional<JsonBytes>> models() {
    return calls.get(path("/v1/models")).thenApply(reply -> JsonBytes.parse(reply.text()));
  }

  private String path(String path) {
    URI address = server.address(path);
    return address.getRawQuery() == null
        ? address.getRawPath()
        : address.getRawPath() + "?" + address.getRawQuery();
  }

  @Override
  public void close() {
    calls.close();
  }
}
