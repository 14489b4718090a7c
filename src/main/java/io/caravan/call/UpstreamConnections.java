package io.caravan.call;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** The connection pool of one upstream; a connection carries one exchange at a time. */
final class UpstreamConnections implements AutoCloseable {
  private static final long IDLE = TimeUnit.SECONDS.toNanos(30);
  private static final int MOST_HEADER_BYTES = 64 << 10;

  /** Answers are held in memory; 2,048 embeddings of 1,536 numbers are about 40 MB. */
  private static final int MOST_ANSWER_BYTES = 64 << 20;

  private final UpstreamAddress address;
  private final Bootstrap bootstrap;
  private final Duration connectTimeout;
  private final @Nullable SslContext tls;
  private final Deque<UpstreamConnection> idle = new ConcurrentLinkedDeque<>();
  private final Set<UpstreamConnection> all = ConcurrentHashMap.newKeySet();
  private final ScheduledFuture<?> looking;

  /**
   * @param look how often deadlines and idle connections are checked
   */
  UpstreamConnections(
      UpstreamAddress address, EventLoopGroup loops, Duration connectTimeout, Duration look) {
    this.address = address;
    this.connectTimeout = connectTimeout;
    this.tls = address.secure() ? tls() : null;
    this.bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .resolver(NoopAddressResolverGroup.INSTANCE)
            .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(connectTimeout.toMillis(), Integer.MAX_VALUE))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    prepare(channel);
                  }
                });
    this.looking =
        loops
            .next()
            .scheduleWithFixedDelay(
                this::look, look.toNanos(), look.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static SslContext tls() {
    try {
      return SslContextBuilder.forClient().build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void prepare(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    address.proxy().ifPresent(pipeline::addLast);
    if (tls != null) {
      pipeline.addLast(tlsHandler(tls, channel));
    }
    pipeline.addLast(
        new HttpClientCodec(MOST_HEADER_BYTES, MOST_HEADER_BYTES, MOST_HEADER_BYTES),
        new HttpObjectAggregator(MOST_ANSWER_BYTES),
        new UpstreamConnection(this, channel));
  }

  private SslHandler tlsHandler(SslContext context, Channel channel) {
    SslHandler handler = context.newHandler(channel.alloc(), address.host(), address.port());
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    handler.engine().setSSLParameters(parameters);
    handler.setHandshakeTimeoutMillis(connectTimeout.toMillis());
    return handler;
  }

  /** Uses the most recently used connection: the peer may have closed older ones. */
  void send(UpstreamExchange exchange) {
    UpstreamConnection free = idle.pollFirst();
    while (free != null && !free.open()) {
      free = idle.pollFirst();
    }
    if (free != null) {
      free.send(exchange);
    } else {
      Thread.ofVirtual().name("caravan-upstream-name").start(() -> connect(exchange));
    }
  }

  private void connect(UpstreamExchange exchange) {
    try {
      connect(exchange, address.resolve(), 0);
    } catch (UnknownHostException | RuntimeException e) {
      exchange.breakOff(e);
    }
  }

  /** Connects to the first reachable address of the host. */
  private void connect(UpstreamExchange exchange, List<InetSocketAddress> addresses, int index) {
    bootstrap
        .connect(addresses.get(index))
        .addListener((ChannelFuture connected) -> {
          if (connected.isSuccess()) {
            var connection = connected.channel().pipeline().get(UpstreamConnection.class);
            all.add(connection);
            connection.send(exchange);
          } else if (index + 1 < addresses.size()) {
            connect(exchange, addresses, index + 1);
          } else {
            exchange.breakOff(plain(connected.cause()));
          }
        });
  }

  /** Replaces Netty's subclass of {@link ConnectException} by Java's own. */
  private static Throwable plain(Throwable problem) {
    return problem instanceof ConnectException
        ? new ConnectException(problem.getMessage()).initCause(problem)
        : problem;
  }

  void giveBack(UpstreamConnection free) {
    idle.addFirst(free);
  }

  /** Takes a connection out of the pool; returns false when it is in use. */
  boolean take(UpstreamConnection free) {
    return idle.removeFirstOccurrence(free);
  }

  void remove(UpstreamConnection closed) {
    idle.remove(closed);
    all.remove(closed);
  }

  private void look() {
    long now = System.nanoTime();
    all.forEach(connection -> connection.look(now, IDLE));
  }

  @Override
  public void close() {
    looking.cancel(false);
    all.forEach(UpstreamConnection::close);
  }
}
