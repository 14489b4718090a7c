package io.caravan.server.upstream;

import io.caravan.server.backend.Call;
import io.caravan.server.settings.UpstreamServer;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.JsonBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The HTTP client of one upstream. Each call is a single attempt: no retries, redirects or cookies.
 */
final class UpstreamClient implements AutoCloseable {
  private final UpstreamServer server;
  private final String host;
  private final Optional<String> authorization;
  private final UpstreamConnections connections;
  private final Map<Endpoint, String> paths = new ConcurrentHashMap<>();

  UpstreamClient(
      UpstreamServer server,
      EventLoopGroup loops,
      Duration connectTimeout,
      Duration requestTimeout) {
    this.server = server;
    this.host = server.host();
    this.authorization = server.authorization();
    Duration look = Duration.ofMillis(Math.clamp(requestTimeout.toMillis() / 10, 10, 500));
    this.connections =
        new UpstreamConnections(
            UpstreamAddress.of(server.address("")), loops, connectTimeout, look);
  }

  CompletableFuture<UpstreamReply> post(
      Endpoint endpoint, JsonBytes body, Duration timeout, Call call) {
    String path = paths.computeIfAbsent(endpoint, known -> path(known.path()));
    ByteBuf content = Unpooled.wrappedBuffer(body.toByteArray());
    FullHttpRequest request = request(HttpMethod.POST, path, content);
    request
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
        .setInt(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
    return send(request, timeout, call);
  }

  CompletableFuture<UpstreamReply> get(String path, Duration timeout) {
    return send(
        request(HttpMethod.GET, path(path), Unpooled.EMPTY_BUFFER), timeout, new Call(false));
  }

  private String path(String path) {
    URI address = server.address(path);
    return address.getRawQuery() == null
        ? address.getRawPath()
        : address.getRawPath() + "?" + address.getRawQuery();
  }

  private FullHttpRequest request(HttpMethod method, String path, ByteBuf content) {
    var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, path, content);
    request
        .headers()
        .set(HttpHeaderNames.HOST, host)
        .set(HttpHeaderNames.ACCEPT, HttpHeaderValues.APPLICATION_JSON);
    authorization.ifPresent(value -> request.headers().set(HttpHeaderNames.AUTHORIZATION, value));
    return request;
  }

  private CompletableFuture<UpstreamReply> send(
      FullHttpRequest request, Duration timeout, Call call) {
    var exchange = new UpstreamExchange(request, System.nanoTime() + timeout.toNanos());
    call.during(() -> exchange.breakOff(new IOException("cancelled")));
    if (!exchange.reply().isDone()) {
      connections.send(exchange);
    }
    return exchange.reply();
  }

  @Override
  public void close() {
    connections.close();
  }
}
