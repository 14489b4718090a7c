package io.caravan.jsonl.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What some models want otherwise in the body of a chat, and would answer with 400 after hours.
 *
 * @param models the names of the models, whole
 * @param rename members that they know by another name
 * @param drop members that they do not take
 * @param unlessEffortNone models that take {@code sampling} when {@code reasoning_effort} is none
 * @param sampling members that the others of them do not take
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

  /** Changes a request where the rule says so, and tells each kind of change. */
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
