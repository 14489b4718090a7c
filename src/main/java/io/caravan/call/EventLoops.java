package io.caravan.call;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;

/** Threads that calls run in without blocking. */
public final class EventLoops {
  private EventLoops() {}

  /** One thread per core, each started on first use. */
  public static EventLoopGroup start(String name) {
    return new NioEventLoopGroup(
        Runtime.getRuntime().availableProcessors(),
        Thread.ofPlatform().daemon().name(name + "-", 0).factory());
  }
}
