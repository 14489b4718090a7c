package io.caravan.server.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.store.BatchProblem;
import io.caravan.server.wire.BoundedLineReader.Line;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The validation of the lines of one input file, in order, by OpenAI's rules. */
final class LineCheck {
  private final Endpoint endpoint;
  private final Predicate<String> models;
  private final Consumer<BatchProblem> problems;
  private final Map<String, Integer> firstLines = new HashMap<>();
  private @Nullable String model;

  LineCheck(Endpoint endpoint, Predicate<String> models, Consumer<BatchProblem> problems) {
    this.endpoint = endpoint;
    this.models = models;
    this.problems = problems;
  }

  /** The model that the lines so far name; null if none does. */
  @Nullable String model() {
    return model;
  }

  /** Validates a line; returns a hash that requests with the same prompt prefix share. */
  int check(Line line) {
    if (line.fault() != null) {
      report(line, null, "invalid_json_line", "This line " + line.fault() + ".");
      return 0;
    }
    try {
      ObjectNode json = Json.object(line.text());
      fields(line, json);
      return prefix(json.path("body"));
    } catch (JsonProcessingException e) {
      String reason =
          line.text().startsWith("\uFEFF")
              ? "starts with a byte-order mark"
              : e.getOriginalMessage();
      report(
          line, null, "invalid_json_line", "This line is not parseable as valid JSON: " + reason);
      return 0;
    }
  }

  /** Hashes the model and the prompt prefix: a system message, or instructions. */
  private static int prefix(JsonNode body) {
    JsonNode first = body.path("messages").path(0);
    boolean asked = first.path("role").asText().equals("user");
    return Objects.hash(body.path("model"), asked ? null : first, body.get("instructions"));
  }

  private void fields(Line line, JsonNode json) {
    customId(line, json.path("custom_id"));
    method(line, json.path("method"));
    url(line, json.path("url"));
    JsonNode body = json.path("body");
    if (body.isObject()) {
      body(line, body);
    } else {
      missing(line, "body");
    }
  }

  private void customId(Line line, JsonNode value) {
    if (!value.isTextual() || value.textValue().isEmpty()) {
      missing(line, "custom_id");
      return;
    }
    if (Json.hasHalf(value.textValue())) {
      half(line, "custom_id");
      return;
    }
    Integer first = firstLines.putIfAbsent(value.textValue(), line.number());
    if (first != null) {
      report(
          line,
          "custom_id",
          "duplicate_custom_id",
          "The custom_id '%s' repeats line %d.".formatted(value.textValue(), first));
    }
  }

  private void method(Line line, JsonNode value) {
    if (!value.isTextual()) {
      missing(line, "method");
    } else if (!value.textValue().equals("POST")) {
      report(line, "method", "invalid_method", "The method must be POST.");
    }
  }

  private void url(Line line, JsonNode value) {
    if (!value.isTextual()) {
      missing(line, "url");
    } else if (!value.textValue().equals(endpoint.path())) {
      report(
          line,
          "url",
          "invalid_url",
          "The URL provided for this request does not match the batch endpoint %s."
              .formatted(endpoint.path()));
    }
  }

  private void body(Line line, JsonNode body) {
    for (String field : endpoint.required()) {
      if (!body.hasNonNull(field)) {
        report(line, "body." + field, "invalid_request", "The body lacks '%s'.".formatted(field));
      }
    }
    if (body.path("stream").asBoolean()) {
      report(line, "body.stream", "streaming_unsupported", "A batch cannot stream: drop 'stream'.");
    }
    model(line, body.path("model"));
  }

  private void model(Line line, JsonNode value) {
    if (!value.isTextual() && !value.isNull() && !value.isMissingNode()) {
      String message = "The model must be a string, not %s.".formatted(Json.kind(value));
      report(line, "body.model", "invalid_request", message);
    } else if (value.isTextual() && Json.hasHalf(value.textValue())) {
      half(line, "body.model");
    } else {
      model(line, value.textValue());
    }
  }

  private void model(Line line, @Nullable String value) {
    if (value != null && !models.test(value)) {
      report(
          line,
          "body.model",
          "model_not_allowed",
          "The key of this batch may not use the model '%s'.".formatted(value));
    }
    if (model == null) {
      model = value;
    } else if (value != null && !value.equals(model)) {
      report(
          line,
          "body.model",
          "mismatched_model",
          "The model '%s' differs from '%s' on earlier lines. Use one model per file."
              .formatted(value, model));
    }
  }

  private void missing(Line line, String param) {
    report(
        line,
        param,
        "missing_required_parameter",
        "Missing required parameter: '%s'.".formatted(param));
  }

  private void half(Line line, String param) {
    report(line, param, "invalid_request", "It holds half of a surrogate pair.");
  }

  private void report(Line line, @Nullable String param, String code, String message) {
    problems.accept(new BatchProblem(code, message, param, line.number()));
  }
}
