package io.caravan.server.run;

import io.caravan.server.backend.Backend;
import io.caravan.server.wire.Endpoint;
import java.util.List;

/** The choice of backends for a request, by endpoint and model. */
public final class Router {
  private final Backends backends;

  public Router(Backends backends) {
    this.backends = backends;
  }

  /** Returns the local model, or the upstreams whose patterns match the model most exactly. */
  List<Backend> backendsFor(Endpoint endpoint, String model) {
    boolean embeddings = endpoint == Endpoint.EMBEDDINGS;
    if (embeddings && backends.local().filter(local -> local.name().equals(model)).isPresent()) {
      return List.of(backends.local().get());
    }
    int best =
        backends.upstreams().stream().mapToInt(u -> u.server().match(model)).max().orElse(-1);
    if (best >= 0) {
      return backends.upstreams().stream()
          .filter(upstream -> upstream.server().match(model) == best)
          .map(Backend.class::cast)
          .toList();
    }
    return List.of(refusal(endpoint, model));
  }

  private NoBackend refusal(Endpoint endpoint, String model) {
    if (!backends.upstreams().isEmpty()) {
      return new NoBackend(
          "No upstream is configured for the model '%s': see caravan.upstream.further.models."
              .formatted(model),
          "model",
          "model_not_found");
    }
    if (endpoint != Endpoint.EMBEDDINGS) {
      return new NoBackend(
          "No server is configured for %s: set CARAVAN_UPSTREAM_URL to an OpenAI-compatible server, or choose another provider."
              .formatted(endpoint.path()),
          "model",
          "upstream_missing");
    }
    return backends.local().map(local -> unknown(model, local.name())).orElseGet(Router::noModel);
  }

  private static NoBackend unknown(String model, String name) {
    return new NoBackend(
        "The model '%s' does not exist here. Use '%s', or set CARAVAN_UPSTREAM_URL to a server that has it."
            .formatted(model, name),
        "model",
        "model_not_found");
  }

  private static NoBackend noModel() {
    return new NoBackend(
        "This is the lean build of Caravan, without an embedding model. Use the complete build, or set CARAVAN_UPSTREAM_URL to a server that has a model.",
        "model",
        "model_missing");
  }
}
