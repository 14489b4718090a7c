package io.caravan.call;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.TooLongHttpContentException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** One connection to an upstream, which carries one exchange at a time. */
final class UpstreamConnection extends SimpleChannelInboundHandler<FullHttpResponse> {
  private final UpstreamConnections connections;
  private final Channel channel;
  private volatile @Nullable UpstreamExchange exchange;
  private volatile long idleSince = System.nanoTime();
  private boolean used;

  UpstreamConnection(UpstreamConnections connections, Channel channel) {
    this.connections = connections;
    this.channel = channel;
  }

  /** Sends an exchange; the caller must have taken this connection from the pool. */
  void send(UpstreamExchange next) {
    exchange = next;
    if (next.over(this)) {
      channel
          .writeAndFlush(next.request())
          .addListener(written -> {
            if (!written.isSuccess()) {
              fail(written.cause());
            }
          });
    } else {
      leave(next);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
    if (response.decoderResult().isFailure()) {
      fail(response.decoderResult().cause());
      return;
    }
    UpstreamExchange answered = exchange;
    if (answered == null) {
      close(); // no request is pending
    } else if (response.status().code() >= 200) {
      exchange = null;
      used = true;
      idleSince = System.nanoTime();
      if (HttpUtil.isKeepAlive(response)) {
        connections.giveBack(this);
      } else {
        close();
      }
      byte[] text = ByteBufUtil.getBytes(response.content());
      answered
          .reply()
          .complete(new UpstreamReply(response.status().code(), response.headers(), text));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connections.remove(this);
    fail(new ClosedChannelException());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable problem) {
    fail(problem);
  }

  private void fail(Throwable problem) {
    UpstreamExchange broken = exchange;
    exchange = null;
    close();
    if (broken != null) {
      broken.reply().completeExceptionally(plain(problem));
    }
  }

  /**
   * Turns problems of the connection, such as a bad certificate or an answer that is not HTTP, into
   * an {@link IOException}.
   */
  private Throwable plain(Throwable problem) {
    if (problem instanceof DecoderException && problem.getCause() instanceof IOException cause) {
      return cause;
    }
    if (problem instanceof TooLongHttpContentException) {
      return new AnswerTooLargeException(problem);
    }
    if (used && (problem instanceof ClosedChannelException || problem instanceof SocketException)) {
      return new StaleConnectionException(problem);
    }
    if (problem instanceof ClosedChannelException
        || problem instanceof PrematureChannelClosureException) {
      return new IOException("the connection was closed before the answer was complete", problem);
    }
    return problem instanceof IOException || problem instanceof Error
        ? problem
        : new IOException("the answer is not valid HTTP: " + problem.getMessage(), problem);
  }

  /** Closes the connection of an aborted exchange: its late answer would go to the next one. */
  void leave(UpstreamExchange left) {
    channel
        .eventLoop()
        .execute(() -> {
          if (left.equals(exchange)) {
            exchange = null;
            close();
          }
        });
  }

  /** Aborts an exchange past its deadline, and closes a connection that has been idle too long. */
  void look(long now, long idleLimit) {
    UpstreamExchange running = exchange;
    if (running != null && running.late(now)) {
      running.breakOff(new SocketTimeoutException("timed out"));
    } else if (running == null && now - idleSince >= idleLimit && connections.take(this)) {
      close();
    }
  }

  boolean open() {
    return channel.isActive();
  }

  void close() {
    var unused = channel.close();
  }
}
