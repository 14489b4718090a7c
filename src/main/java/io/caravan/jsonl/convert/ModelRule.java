package io.caravan.jsonl.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A rule that adapts chat bodies to certain models, which would reject them with 400 after hours.
 *
 * @param models matches full model names
 * @param rename members that these models know by another name
 * @param drop members that they do not accept
 * @param unlessEffortNone models that accept {@code sampling} if {@code reasoning_effort} is none
 * @param sampling members that the others do not accept
 */
public record ModelRule(
    Pattern models,
    Map<String, String> rename,
    Set<String> drop,
    @Nullable Pattern unlessEffortNone,
    Set<String> sampling) {
  private static final String CHAT = "/v1/chat/completions";

  public ModelRule {
    rename = rename == null ? Map.of() : Map.copyOf(rename);
    drop = drop == null ? Set.of() : Set.copyOf(drop);
    sampling = sampling == null ? Set.of() : Set.copyOf(sampling);
  }

  /** Applies the rule to a request and reports each kind of change. */
  void apply(ObjectNode request, Consumer<String> changes) {
    JsonNode model = request.path("body").path("model");
    if (request.path("url").asText().equals(CHAT)
        && request.path("body") instanceof ObjectNode body
        && models.matcher(model.asText()).matches()) {
      rename.forEach((name, other) -> {
        if (body.has(name)) {
          JsonNode value = body.remove(name);
          if (!body.has(other)) {
            body.set(other, value);
          }
          changes.accept("%s written as %s".formatted(name, other));
        }
      });
      drop(body, drop, changes);
      boolean without =
          "none".equals(body.path("reasoning_effort").asText())
              && unlessEffortNone != null
              && unlessEffortNone.matcher(model.asText()).matches();
      if (!without) {
        drop(body, sampling, changes);
      }
    }
  }

  private static void drop(ObjectNode body, Set<String> names, Consumer<String> changes) {
    for (String name : names) {
      if (body.remove(name) != null) {
        changes.accept("%s left out".formatted(name));
      }
    }
  }
}
