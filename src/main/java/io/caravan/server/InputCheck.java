package io.caravan.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.server.LineReader.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Validates a whole input file: every bad line is named, up to a hundred problems. */
final class InputCheck {
  private static final int MAX_PROBLEMS = 100;

  private final BatchForm form;
  private final ServerSettings settings;
  private final List<BatchProblem> problems = new ArrayList<>();
  private final Map<String, Integer> firstLines = new HashMap<>();
  private @Nullable String model;
  private int total;

  private InputCheck(BatchForm form, ServerSettings settings) {
    this.form = form;
    this.settings = settings;
  }

  static Verdict check(Path input, BatchForm form, ServerSettings settings)
      throws IOException, InterruptedException {
    var check = new InputCheck(form, settings);
    if (Files.exists(input)) {
      check.readAll(input);
    } else {
      check.report(
          null,
          "file_id",
          "invalid_request",
          "There is no file %s with purpose batch.".formatted(form.inputFileId()));
    }
    return check.problems.isEmpty()
        ? new Valid(Progress.start(check.model, check.total))
        : new Refused(List.copyOf(check.problems));
  }

  private void readAll(Path input) throws IOException, InterruptedException {
    try (var lines = new LineReader(input, settings.maxLineBytes())) {
      for (Line line = lines.next(); line != null; line = lines.next()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (!line.blank() && !enough()) {
          total++;
          check(line);
        }
      }
    }
    if (total == 0) {
      report(null, null, "empty_file", "The input file has no requests.");
    }
  }

  private boolean enough() {
    if (total < settings.maxRequestsPerBatch()) {
      return problems.size() >= MAX_PROBLEMS;
    }
    if (problems.stream().noneMatch(problem -> problem.code().equals("too_many_requests"))) {
      report(
          null,
          null,
          "too_many_requests",
          "The input file has more than %d requests. Split it.".formatted(total));
    }
    return true;
  }

  private void check(Line line) {
    if (line.fault() != null) {
      report(line, null, "invalid_json_line", "This line " + line.fault() + ".");
      return;
    }
    try {
      fields(line, Json.object(line.text()));
    } catch (JsonProcessingException e) {
      String reason =
          line.text().startsWith("\uFEFF")
              ? "starts with a byte-order mark"
              : e.getOriginalMessage();
      report(
          line, null, "invalid_json_line", "This line is not parseable as valid JSON: " + reason);
    }
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
    } else if (!value.textValue().equals(form.endpoint().path())) {
      report(
          line,
          "url",
          "invalid_url",
          "The URL provided for this request does not match the batch endpoint %s."
              .formatted(form.endpoint().path()));
    }
  }

  private void body(Line line, JsonNode body) {
    for (String field : form.endpoint().required()) {
      if (!body.hasNonNull(field)) {
        report(line, "body." + field, "invalid_request", "The body lacks '%s'.".formatted(field));
      }
    }
    if (body.path("stream").asBoolean()) {
      report(line, "body.stream", "streaming_unsupported", "A batch cannot stream: drop 'stream'.");
    }
    model(line, body.path("model").textValue());
  }

  private void model(Line line, @Nullable String value) {
    if (model == null) {
      model = value;
    } else if (value != null && !value.equals(model)) {
      report(
          line,
          "body.model",
          "mismatched_model",
          "The model '%s' differs from '%s', that of the lines before. Use one model per file."
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

  private void report(@Nullable Line line, @Nullable String param, String code, String message) {
    problems.add(new BatchProblem(code, message, param, line == null ? null : line.number()));
  }

  /** What came of a validation. */
  sealed interface Verdict {}

  /** All lines are good. */
  record Valid(Progress start) implements Verdict {}

  /** The batch fails. */
  record Refused(List<BatchProblem> problems) implements Verdict {}
}
