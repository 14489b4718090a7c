package io.caravan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.CompletionException;
import org.springframework.web.bind.annotation.GetMapping;

/** Lists the models that can be asked: the one in this JVM and those of the upstream. */
@ServerController
class ModelsController {
  private final Backends backends;

  ModelsController(Backends backends) {
    this.backends = backends;
  }

  @GetMapping("/v1/models")
  JsonNode list() {
    ObjectNode answer = Json.MAPPER.createObjectNode().put("object", "list");
    ArrayNode models = answer.putArray("data");
    backends
        .local()
        .ifPresent(local ->
            models
                .addObject()
                .put("id", local.name())
                .put("object", "model")
                .put("created", 0)
                .put("owned_by", "caravan"));
    for (Upstream upstream : backends.upstreams()) {
      addModelsOf(upstream, models);
    }
    return answer;
  }

  private static void addModelsOf(Upstream upstream, ArrayNode models) {
    try {
      upstream
          .models()
          .join()
          .json()
          .ifPresent(json -> json.toTree().path("data").forEach(models::add));
    } catch (CompletionException e) {
      throw new ApiException(
          503,
          ApiError.server(
              "The upstream %s does not answer: %s".formatted(upstream.name(), Problems.cause(e)),
              "upstream_unreachable"));
    }
  }
}
