package io.caravan.server.store;

import io.caravan.client.Clients;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Rejects providers and models that the owner of a key may not use. */
public final class Permits {
  private final Clients clients;

  public Permits(Clients clients) {
    this.clients = clients;
  }

  /** The highest priority of an owner's batches, 1 to 10. */
  public int maxPriority(String owner) {
    return clients.of(owner).maxPriority();
  }

  public void checkProvider(String owner, String provider) {
    Clients.Limits limits = clients.of(owner);
    if (!limits.allowsProvider(provider)) {
      throw refusal("provider", provider, limits.providers());
    }
  }

  public void checkModel(String owner, String model) {
    Clients.Limits limits = clients.of(owner);
    if (!limits.allowsModel(model)) {
      throw refusal("model", model, limits.models());
    }
  }

  /** Whether the owner may use the model in requests that this server runs itself. */
  public boolean allowsHere(String owner, String model) {
    return clients.of(owner).allowsProvider(OtherProviders.LOCAL) && models(owner).test(model);
  }

  public Predicate<String> models(String owner) {
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
