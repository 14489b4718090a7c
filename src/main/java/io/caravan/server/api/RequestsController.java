package io.caravan.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.backend.BackendAnswer.Answered;
import io.caravan.server.backend.BackendAnswer.NotRun;
import io.caravan.server.backend.BackgroundResponses;
import io.caravan.server.run.DirectRequests;
import io.caravan.server.store.OtherProviders;
import io.caravan.server.store.Owner;
import io.caravan.server.store.Permits;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.Json;
import io.caravan.server.wire.JsonBytes;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;

/** OpenAI's endpoints for single requests, answered by the backends that also run batches. */
@ServerController
class RequestsController {
  private final DirectRequests requests;
  private final JsonBody bodies;
  private final Permits permits;
  private final ObjectProvider<BackgroundResponses> background;

  RequestsController(
      DirectRequests requests,
      JsonBody bodies,
      Permits permits,
      ObjectProvider<BackgroundResponses> background) {
    this.requests = requests;
    this.bodies = bodies;
    this.permits = permits;
    this.background = background;
  }

  @PostMapping({
    "/v1/embeddings",
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/completions",
    "/v1/moderations"
  })
  ResponseEntity<byte[]> answer(HttpServletRequest request)
      throws IOException, InterruptedException {
    Endpoint endpoint = Endpoint.of(request.getServletPath()).orElseThrow();
    ObjectNode body = bodies.read(request);
    for (String field : endpoint.required()) {
      if (!body.hasNonNull(field)) {
        throw ApiException.missing(field);
      }
    }
    BackgroundResponses others = background.getIfAvailable();
    if (others != null && endpoint == Endpoint.RESPONSES && body.path("background").asBoolean()) {
      return others.create(request, body);
    }
    if (body.path("stream").asBoolean()) {
      throw ApiException.invalid("This server does not stream.", "stream", "streaming_unsupported");
    }
    JsonNode named = body.path("model");
    if (!named.isTextual() && body.hasNonNull("model")) {
      throw Json.wrongType("model", "a string", named);
    }
    String model = named.asText();
    permits.checkProvider(Owner.of(request), OtherProviders.LOCAL);
    permits.checkModel(Owner.of(request), model);
    return switch (requests.answer(endpoint, model, JsonBytes.of(body))) {
      case Answered answered -> json(answered.status(), answered.body());
      case NotRun notRun ->
          json(503, JsonBytes.of(ApiError.server(notRun.message(), notRun.code()).toJson()));
    };
  }

  private static ResponseEntity<byte[]> json(int status, JsonBytes body) {
    return ResponseEntity.status(status)
        .contentType(MediaType.APPLICATION_JSON)
        .body(body.toByteArray());
  }
}
