package io.caravan.server;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** What this server can run requests with. */
record Backends(Optional<LocalEmbeddings> local, List<Upstream> upstreams)
    implements AutoCloseable {

  static Backends find(
      ServerSettings server, UpstreamSettings settings, Clock clock, MeterRegistry meters) {
    return new Backends(
        EmbeddingModels.find().map(model -> new LocalEmbeddings(server.embeddingModel(), model)),
        settings.servers().stream()
            .map(upstream -> new Upstream(upstream, settings, clock, meters))
            .toList());
  }

  @Override
  public void close() {
    upstreams.forEach(Upstream::close);
  }
}
