package io.caravan.server.run;

import io.caravan.call.EventLoops;
import io.caravan.server.embedding.EmbeddingModels;
import io.caravan.server.embedding.LocalEmbeddings;
import io.caravan.server.settings.ServerSettings;
import io.caravan.server.settings.UpstreamSettings;
import io.caravan.server.upstream.Upstream;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The backends of this server: the local embedding model and the upstreams.
 *
 * @param loops event loop threads for upstream calls
 */
public record Backends(
    Optional<LocalEmbeddings> local, List<Upstream> upstreams, EventLoopGroup loops)
    implements AutoCloseable {

  public static Backends find(
      ServerSettings server, UpstreamSettings settings, Clock clock, MeterRegistry meters) {
    EventLoopGroup loops = startLoops();
    return new Backends(
        EmbeddingModels.find().map(model -> new LocalEmbeddings(server.embeddingModel(), model)),
        settings.servers().stream()
            .map(upstream -> new Upstream(upstream, settings, loops, clock, meters))
            .toList(),
        loops);
  }

  /** One thread per core, each started on first use. */
  public static EventLoopGroup startLoops() {
    return EventLoops.start("caravan-upstream");
  }

  @Override
  public void close() {
    upstreams.forEach(Upstream::close);
    local.ifPresent(LocalEmbeddings::close);
    var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
