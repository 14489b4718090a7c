package io.caravan.jsonl.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.NativeLine;
import io.caravan.jsonl.Quote;
import io.caravan.jsonl.StrictJson;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Builds whole requests from rows with a template. */
public final class RequestBuilder {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String CHAT = "/v1/chat/completions";
  private static final String RESPONSES = "/v1/responses";
  private static final String COMPLETIONS = "/v1/completions";

  /** Members that replace the template's columns in a short line; the first one present counts. */
  public static final List<String> CONTENT = List.of("messages", "input", "prompt");

  private final Template template;
  private final Placeholders prompt;
  private final Placeholders system;
  private final Set<String> needed;
  private final Set<String> apart;

  public RequestBuilder(Template template) {
    this.template = template;
    this.prompt = new Placeholders(template.prompt());
    this.system = new Placeholders(template.system() == null ? "" : template.system());
    this.needed = prompt.columns();
    this.needed.addAll(system.columns());
    this.apart = new HashSet<>(CONTENT);
    apart.add("custom_id");
    apart.addAll(needed);
    apart.addAll(template.carry());
  }

  /** The columns that a table must have. */
  Set<String> needed() {
    var all = new LinkedHashSet<>(needed);
    all.addAll(template.carry());
    return all;
  }

  /** The columns that are used if a table has them. */
  Set<String> columns() {
    Set<String> all = needed();
    all.addAll(List.of("custom_id", "model"));
    return all;
  }

  /**
   * Builds the request of a row.
   *
   * @param parameters whether other members of the row become parameters of the request; else they
   *     are ignored
   */
  public Built build(ObjectNode row, long line, boolean parameters) {
    ObjectNode body = JSON.objectNode();
    JsonNode model = row.path("model");
    body.put("model", model.asText("").isBlank() ? template.model() : model.asText());
    var problems = new ArrayList<LineProblem>();
    if (parameters) {
      fillBody(body, row, problems);
    } else {
      fillPrompt(body, row, problems);
    }
    if (body.path("model").asText().isBlank()) {
      problems.add(
          new LineProblem(
              "missing_required_parameter",
              "neither the line nor the template has a model. Set CARAVAN_MODEL, or add the model to the template.",
              "model"));
    }
    if (!problems.isEmpty()) {
      return new Built.Bad(problems.getFirst());
    }
    JsonMapper mapper = StrictJson.MAPPER;
    template.parameters().forEach((name, value) -> body.set(name, mapper.valueToTree(value)));
    if (parameters) {
      row.properties().stream()
          .filter(member -> !apart.contains(member.getKey()))
          .forEach(member -> body.set(member.getKey(), member.getValue()));
    }
    ObjectNode request = JSON.objectNode();
    request.put("custom_id", NativeLine.customId(row, line)).put("method", "POST");
    request.put("url", template.endpoint());
    request.set("body", body);
    return new Built.Request(request, carried(row));
  }

  /** A request, or the problem that prevents it. */
  public sealed interface Built {
    /**
     * A request.
     *
     * @param carried columns returned next to its answer
     */
    record Request(ObjectNode request, ObjectNode carried) implements Built {}

    /** The row cannot be converted. */
    record Bad(LineProblem problem) implements Built {}
  }

  /** The columns of a row that are returned next to its answer or error. */
  ObjectNode carried(ObjectNode row) {
    ObjectNode carried = JSON.objectNode();
    template.carry().stream()
        .filter(row::has)
        .forEach(column -> carried.set(column, row.get(column)));
    return carried;
  }

  private boolean isChat() {
    return template.endpoint().equals(CHAT) || template.endpoint().equals(RESPONSES);
  }

  private void fillBody(ObjectNode body, ObjectNode row, List<LineProblem> problems) {
    JsonNode messages = row.path("messages");
    JsonNode input = row.path("input");
    if (messages.isArray() && isChat()) {
      body.set(member(), withSystem((ArrayNode) messages, row));
    } else if (!messages.isMissingNode()) {
      problems.add(
          new LineProblem(
              "invalid_type",
              isChat()
                  ? "messages is not an array. Write [{\"role\": \"user\", \"content\": …}]."
                  : "the template's endpoint %s takes no messages. Use a template with another endpoint."
                      .formatted(template.endpoint()),
              "messages"));
    } else if (!input.isMissingNode() && !needed.contains("input")) {
      fillInput(body, row, input, problems);
    } else {
      fillPrompt(body, row, problems);
    }
  }

  /** The endpoint's name for the list of messages. */
  private String member() {
    return template.endpoint().equals(RESPONSES) ? "input" : "messages";
  }

  private void fillInput(
      ObjectNode body, ObjectNode row, JsonNode input, List<LineProblem> problems) {
    if (!template.endpoint().equals(CHAT) && !template.endpoint().equals(COMPLETIONS)) {
      body.set("input", input);
      if (template.endpoint().equals(RESPONSES) && template.system() != null) {
        body.put("instructions", system.fill(row));
      }
    } else if (input.isTextual()) {
      fillText(body, row, input.asText(), problems);
    } else {
      problems.add(
          new LineProblem(
              "invalid_type",
              "input is not text, and the template's endpoint %s accepts only text. Use \"messages\", or a template with another endpoint."
                  .formatted(template.endpoint()),
              "input"));
    }
  }

  private void fillPrompt(ObjectNode body, ObjectNode row, List<LineProblem> problems) {
    List<String> missing = needed.stream().filter(column -> !row.has(column)).toList();
    if (missing.isEmpty()) {
      fillText(body, row, prompt.fill(row), problems);
    } else {
      problems.add(
          new LineProblem(
              "missing_column",
              "the template needs %s, which the line does not have. Add it, or change the template."
                  .formatted(String.join(", ", missing.stream().map(Quote::of).toList())),
              missing.getFirst()));
    }
  }

  private void fillText(ObjectNode body, ObjectNode row, String text, List<LineProblem> problems) {
    if (text.isBlank()) {
      problems.add(
          new LineProblem(
              "empty_prompt",
              "the prompt is empty. Fill its columns, or leave the row out.",
              "prompt"));
      return;
    }
    switch (template.endpoint()) {
      case CHAT ->
          body.set("messages", withSystem(JSON.arrayNode().add(message("user", text)), row));
      case RESPONSES -> {
        body.put("input", text);
        if (template.system() != null) {
          body.put("instructions", system.fill(row));
        }
      }
      case COMPLETIONS -> body.put("prompt", text);
      default -> body.put("input", text);
    }
  }

  private ArrayNode withSystem(ArrayNode messages, ObjectNode row) {
    String first = messages.path(0).path("role").asText();
    if (template.system() == null || first.equals("system") || first.equals("developer")) {
      return messages;
    }
    return JSON.arrayNode().add(message("system", system.fill(row))).addAll(messages);
  }

  private static ObjectNode message(String role, String text) {
    return JSON.objectNode().put("role", role).put("content", text);
  }
}
