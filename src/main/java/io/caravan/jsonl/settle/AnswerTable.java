package io.caravan.jsonl.settle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.jsonl.StrictJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Converts results or errors to CSV (RFC 4180) for spreadsheets, one row per line. */
public final class AnswerTable {
  private static final JsonMapper JSON = StrictJson.MAPPER;
  private static final Pattern QUOTED = Pattern.compile("[\",\r\n]");

  /** Text that a spreadsheet treats as a formula (owasp.org, CSV Injection), unless a number. */
  private static final Pattern FORMULA = Pattern.compile("[=+\\-@\t\r].*", Pattern.DOTALL);

  private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+([.,]\\d+)?(e[+-]?\\d+)?");

  private final List<String> carried;
  private final boolean errors;

  /**
   * Creates a table.
   *
   * @param carried columns returned next to the answers
   * @param errors whether the lines are errors instead of results
   */
  public AnswerTable(List<String> carried, boolean errors) {
    this.carried = List.copyOf(carried);
    this.errors = errors;
  }

  /** Writes a header and the rows. */
  public void write(InputStream lines, Writer out) throws IOException {
    var header = new ArrayList<>(List.of("custom_id"));
    header.addAll(carried);
    header.addAll(
        errors
            ? List.of("status_code", "code", "message")
            : List.of("text", "finish_reason", "prompt_tokens", "completion_tokens"));
    row(header, out);
    var reader = new BufferedReader(new InputStreamReader(lines, StandardCharsets.UTF_8));
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      row(cells(JSON.readTree(line)), out);
    }
  }

  private List<String> cells(JsonNode line) {
    var cells = new ArrayList<String>();
    cells.add(line.path("custom_id").asText());
    carried.forEach(column -> cells.add(text(line.path("metadata").path(column))));
    JsonNode body = line.at("/response/body");
    if (errors) {
      JsonNode own = line.path("error");
      JsonNode error = own.isObject() ? own : body.path("error");
      cells.add(text(line.at("/response/status_code")));
      cells.add(text(first(error.path("code"), error.path("type"))));
      cells.add(text(error.path("message")));
    } else {
      cells.add(answer(body));
      cells.add(
          text(
              first(
                  body.at("/choices/0/finish_reason"),
                  body.path("stop_reason"),
                  body.at("/candidates/0/finishReason"),
                  body.path("status"))));
      JsonNode usage = first(body.path("usage"), body.path("usageMetadata"));
      cells.add(
          text(
              first(
                  usage.path("prompt_tokens"),
                  usage.path("input_tokens"),
                  usage.path("promptTokenCount"))));
      cells.add(
          text(
              first(
                  usage.path("completion_tokens"),
                  usage.path("output_tokens"),
                  usage.path("candidatesTokenCount"))));
    }
    return cells;
  }

  /** The answer of the model: text, else tool calls, a vector or the whole body as JSON. */
  private static String answer(JsonNode body) {
    JsonNode message = body.at("/choices/0/message");
    JsonNode one =
        first(
            message.path("content"),
            message.path("tool_calls"),
            body.at("/choices/0/text"),
            body.at("/data/0/embedding"));
    if (!one.isMissingNode()) {
      return text(one);
    }
    String parts =
        texts(body.path("output"))
            + texts(body.path("content"))
            + texts(body.at("/candidates/0/content/parts"));
    return parts.isEmpty() ? body.toString() : parts;
  }

  private static String texts(JsonNode parts) {
    var text = new StringBuilder();
    for (JsonNode part : parts) {
      if (!part.path("thought").asBoolean()) {
        text.append(part.path("text").asText()).append(texts(part.path("content")));
      }
    }
    return text.toString();
  }

  private static JsonNode first(JsonNode... nodes) {
    for (JsonNode node : nodes) {
      if (!node.isMissingNode() && !node.isNull()) {
        return node;
      }
    }
    return JSON.missingNode();
  }

  private static String text(JsonNode node) {
    return node.isMissingNode() || node.isNull()
        ? ""
        : node.isContainerNode() ? node.toString() : node.asText();
  }

  private static void row(List<String> cells, Writer out) throws IOException {
    out.write(cells.stream().map(AnswerTable::cell).collect(Collectors.joining(",", "", "\r\n")));
  }

  private static String cell(String text) {
    boolean formula = FORMULA.matcher(text).matches() && !NUMBER.matcher(text).matches();
    String safe = formula ? "'" + text : text;
    return QUOTED.matcher(safe).find() ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
  }
}
