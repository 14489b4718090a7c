package io.caravan.server;

import io.caravan.client.Clients;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Refuses providers and models that the owner of a key may not use. */
final class Permits {
  private final Clients clients;

  Permits(Clients clients) {
    this.clients = clients;
  }

  void checkProvider(String owner, String provider) {
    Clients.Limits limits = clients.of(owner);
    if (!limits.allowsProvider(provider)) {
      throw refusal("provider", provider, limits.providers());
    }
  }

  void checkModel(String owner, String model) {
    Clients.Limits limits = clients.of(owner);
    if (!limits.allowsModel(model)) {
      throw refusal("model", model, limits.models());
    }
  }

  /** Whether requests to this very server may name a model. */
  boolean allowsHere(String owner, String model) {
    return clients.of(owner).allowsProvider(OtherProviders.LOCAL) && models(owner).test(model);
  }

  Predicate<String> models(String owner) {
    return clients.of(owner)::allowsModel;
  }

  private static ApiException refusal(String what, String name, Set<String> allowed) {
    return new ApiException(
        403,
        ApiError.invalidRequest(
            "Your key may not use the %s '%s'. It may use: %s."
                .formatted(what, name, String.join(", ", new TreeSet<>(allowed))),
            what,
            what + "_not_allowed"));
  }
}
