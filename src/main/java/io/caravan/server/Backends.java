package io.caravan.server;

import java.time.Clock;
import java.util.Optional;

/** What this server can run requests with. */
record Backends(Optional<LocalEmbeddings> local, Optional<Upstream> upstream)
    implements AutoCloseable {

  static Backends find(ServerSettings server, UpstreamSettings upstream, Clock clock) {
    return new Backends(
        EmbeddingModels.find().map(model -> new LocalEmbeddings(server.embeddingModel(), model)),
        upstream.present() ? Optional.of(new Upstream(upstream, clock)) : Optional.empty());
  }

  @Override
  public void close() {
    local.ifPresent(LocalEmbeddings::close);
    upstream.ifPresent(Upstream::close);
  }
}
