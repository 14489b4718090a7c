package io.caravan.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What this server can run requests with.
 *
 * @param loops the threads on which upstreams are spoken with
 */
record Backends(Optional<LocalEmbeddings> local, List<Upstream> upstreams, EventLoopGroup loops)
    implements AutoCloseable {

  static Backends find(
      ServerSettings server, UpstreamSettings settings, Clock clock, MeterRegistry meters) {
    EventLoopGroup loops = startLoops();
    return new Backends(
        EmbeddingModels.find().map(model -> new LocalEmbeddings(server.embeddingModel(), model)),
        settings.servers().stream()
            .map(upstream -> new Upstream(upstream, settings, loops, clock, meters))
            .toList(),
        loops);
  }

  /** As many threads as there are cores, each begun when it is needed. */
  static EventLoopGroup startLoops() {
    return new NioEventLoopGroup(
        Runtime.getRuntime().availableProcessors(),
        Thread.ofPlatform().daemon().name("caravan-upstream-", 0).factory());
  }

  @Override
  public void close() {
    upstreams.forEach(Upstream::close);
    local.ifPresent(LocalEmbeddings::close);
    var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
