package io.caravan.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.backend.FailureReason;
import io.caravan.server.run.Backends;
import io.caravan.server.store.Owner;
import io.caravan.server.store.Permits;
import io.caravan.server.upstream.Upstream;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Json;
import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.CompletionException;
import org.springframework.web.bind.annotation.GetMapping;

/** OpenAI's Models API: the local model and those of the upstreams that the client may use. */
@ServerController
class ModelsController {
  private final Backends backends;
  private final Permits permits;

  ModelsController(Backends backends, Permits permits) {
    this.backends = backends;
    this.permits = permits;
  }

  @GetMapping("/v1/models")
  JsonNode list(HttpServletRequest request) {
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
    models.removeIf(model -> !permits.allowsHere(Owner.of(request), model.path("id").asText()));
    return answer;
  }

  private static void addModelsOf(Upstream upstream, ArrayNode models) {
    try {
      upstream.models().join().ifPresent(json -> json.toTree().path("data").forEach(models::add));
    } catch (CompletionException e) {
      throw new ApiException(
          503,
          ApiError.server(
              "The upstream %s does not answer: %s"
                  .formatted(upstream.name(), FailureReason.cause(e)),
              "upstream_unreachable"));
    }
  }
}
