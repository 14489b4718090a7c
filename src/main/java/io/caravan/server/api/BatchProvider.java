package io.caravan.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.store.OtherProviders;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Json;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The provider of a batch: as in the any-llm gateway, a member of its own or a prefix of the model.
 *
 * @param model the model of all its requests; null when each names its own
 */
record BatchProvider(String name, @Nullable String model) {
  private static final char SEPARATOR = ':';

  static BatchProvider of(ObjectNode json, OtherProviders others) {
    Optional<String> model = text(json, "model");
    Optional<String> provider = text(json, "provider");
    if (provider.isPresent()) {
      String name = known(provider.get(), "provider", others);
      return new BatchProvider(name, model.map(it -> withoutPrefix(it, name)).orElse(null));
    }
    int separator = model.map(it -> it.indexOf(SEPARATOR)).orElse(-1);
    return separator < 0
        ? new BatchProvider(OtherProviders.LOCAL, model.orElse(null))
        : new BatchProvider(
            known(model.get().substring(0, separator), "model", others),
            model.get().substring(separator + 1));
  }

  private static String known(String name, String param, OtherProviders others) {
    check(name, param, others);
    return name;
  }

  /** Rejects an unknown provider. */
  static void check(String name, String param, OtherProviders others) {
    if (!name.equals(OtherProviders.LOCAL) && !others.names().contains(name)) {
      var names = new TreeSet<>(others.names());
      names.add(OtherProviders.LOCAL);
      throw ApiException.invalid(
          "Unknown provider '%s'. Supported values are: %s. If the name of the model contains a colon, name the provider separately: {\"provider\": \"local\", \"model\": …}."
              .formatted(name, String.join(", ", names)),
          param,
          "invalid_value");
    }
  }

  /** Rejects a provider that cannot take batches now. */
  void usable(OtherProviders others) {
    String refusal = name.equals(OtherProviders.LOCAL) ? null : others.refusal(name);
    if (refusal != null) {
      throw ApiException.invalid(refusal, "provider", "provider_not_available");
    }
  }

  private static String withoutPrefix(String model, String provider) {
    String prefix = provider + SEPARATOR;
    return model.startsWith(prefix) ? model.substring(prefix.length()) : model;
  }

  private static Optional<String> text(ObjectNode json, String field) {
    JsonNode value = json.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual() || value.textValue().isBlank()) {
      throw Json.wrongType(field, "a string that is not empty", value);
    }
    return Optional.of(value.textValue());
  }
}
