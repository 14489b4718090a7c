package io.caravan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** Decides which backend answers a request. */
final class Router {
  private final Optional<LocalEmbeddings> local;
  private final Optional<Upstream> upstream;
  private final Semaphore refusals = new Semaphore(1, true);

  Router(Backends backends) {
    this.local = backends.local();
    this.upstream = backends.upstream();
  }

  Backend backendFor(Endpoint endpoint, ObjectNode body) {
    String model = body.path("model").asText();
    boolean embeddings = endpoint == Endpoint.EMBEDDINGS;
    if (embeddings && local.isPresent() && local.get().name().equals(model)) {
      return local.get();
    }
    if (upstream.isPresent()) {
      return upstream.get();
    }
    if (!embeddings) {
      return new Refusal(
          "Nothing here runs %s: set CARAVAN_UPSTREAM_URL to an OpenAI-compatible server, or choose another provider."
              .formatted(endpoint.path()),
          "model",
          "upstream_missing",
          refusals);
    }
    return local.map(present -> unknown(model, present.name())).orElseGet(this::noModel);
  }

  private Refusal unknown(String model, String name) {
    return new Refusal(
        "The model '%s' does not exist here. Use '%s', or set CARAVAN_UPSTREAM_URL to a server that has it."
            .formatted(model, name),
        "model",
        "model_not_found",
        refusals);
  }

  private Refusal noModel() {
    return new Refusal(
        "There is no embedding model on the class path. Build without -Dmodel=none, or set CARAVAN_UPSTREAM_URL to a server that has one.",
        "model",
        "model_missing",
        refusals);
  }
}
