package io.caravan.call;

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
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The HTTP client of one upstream. Each call is a single attempt: no retries, redirects or cookies.
 */
final class UpstreamClient implements AutoCloseable {
  private final CallTarget target;
  private final UpstreamConnections connections;

  UpstreamClient(
      CallTarget target, EventLoopGroup loops, Duration connectTimeout, Duration requestTimeout) {
    this.target = target;
    Duration look = Duration.ofMillis(Math.clamp(requestTimeout.toMillis() / 10, 10, 500));
    this.connections =
        new UpstreamConnections(UpstreamAddress.of(target.url()), loops, connectTimeout, look);
  }

  CompletableFuture<UpstreamReply> post(String path, byte[] body, Duration timeout, Call call) {
    ByteBuf content = Unpooled.wrappedBuffer(body);
    FullHttpRequest request = request(HttpMethod.POST, path, content);
    request
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
        .setInt(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
    return send(request, timeout, call);
  }

  CompletableFuture<UpstreamReply> get(String path, Duration timeout) {
    return send(request(HttpMethod.GET, path, Unpooled.EMPTY_BUFFER), timeout, new Call(false));
  }

  private FullHttpRequest request(HttpMethod method, String path, ByteBuf content) {
    var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, path, content);
    request
        .headers()
        .set(HttpHeaderNames.HOST, target.host())
        .set(HttpHeaderNames.ACCEPT, HttpHeaderValues.APPLICATION_JSON);
    target.headers().forEach(request.headers()::set);
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
