package io.caravan.server.upstream;

import io.netty.handler.codec.http.FullHttpRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One request on its way, its reply to come, and how it is broken off meanwhile. */
final class UpstreamExchange {
  private final FullHttpRequest request;
  private final long deadline;
  private final CompletableFuture<UpstreamReply> reply = new CompletableFuture<>();
  private final AtomicReference<@Nullable UpstreamConnection> connection = new AtomicReference<>();

  /**
   * @param deadline of the whole, by {@link System#nanoTime()}
   */
  UpstreamExchange(FullHttpRequest request, long deadline) {
    this.request = request;
    this.deadline = deadline;
  }

  FullHttpRequest request() {
    return request;
  }

  CompletableFuture<UpstreamReply> reply() {
    return reply;
  }

  boolean late(long now) {
    return now - deadline >= 0;
  }

  /** It is sent over this one; false when it was broken off before. */
  boolean over(UpstreamConnection taken) {
    connection.set(taken);
    return !reply.isDone();
  }

  /** Nothing happens when it has its reply. */
  void breakOff(Throwable reason) {
    if (reply.completeExceptionally(reason)) {
      UpstreamConnection taken = connection.get();
      if (taken != null) {
        taken.leave(this);
      }
    }
  }
}
