package io.caravan.call;

import io.netty.handler.codec.http.FullHttpRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One request in flight: its future reply, its deadline, and a way to abort it. */
final class UpstreamExchange {
  private final FullHttpRequest request;
  private final long deadline;
  private final CompletableFuture<UpstreamReply> reply = new CompletableFuture<>();
  private final AtomicReference<@Nullable UpstreamConnection> connection = new AtomicReference<>();

  /**
   * @param deadline for the complete reply, as a {@link System#nanoTime()} value
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

  /** Assigns the connection; returns false when the exchange has already been aborted. */
  boolean over(UpstreamConnection taken) {
    connection.set(taken);
    return !reply.isDone();
  }

  /** Aborts the exchange; does nothing when its reply has arrived. */
  void breakOff(Throwable reason) {
    if (reply.completeExceptionally(reason)) {
      UpstreamConnection taken = connection.get();
      if (taken != null) {
        taken.leave(this);
      }
    }
  }
}
