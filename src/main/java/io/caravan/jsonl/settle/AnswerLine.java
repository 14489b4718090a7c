package io.caravan.jsonl.settle;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.caravan.call.TemporaryFailures;
import io.caravan.jsonl.LenientJson;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.StrictJson;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line of an output or error file, reduced to what harvesting and settling need.
 *
 * @param success status 200 to 299 and a body that is not an error; the name of the file does not
 *     matter
 * @param retryable a temporary failure that a retry may resolve
 * @param form how well the line could be parsed
 */
public record AnswerLine(
    String customId, boolean success, boolean retryable, Usage usage, Form form) {
  /** How well a line could be parsed. */
  enum Form {
    /** Strict JSON. */
    STRICT,
    /** Not quite JSON, such as {@code NaN} or a numeric custom_id: rewritten before delivery. */
    LENIENT,
    /** Not JSON, but the custom_id could be found. */
    UNREADABLE
  }

  /** Null if the line is not an answer. */
  public static @Nullable AnswerLine read(LineReader lines) throws IOException {
    return lines.isTooLong() ? null : read(lines.buffer(), lines.start(), (int) lines.length());
  }

  /** Null if the line has no custom_id. */
  public static @Nullable AnswerLine read(byte[] buffer, int start, int length) throws IOException {
    AnswerLine strict = read(StrictJson.parser(buffer, start, length), Form.STRICT);
    if (strict != null) {
      return strict;
    }
    AnswerLine lenient = read(LenientJson.parser(buffer, start, length), Form.LENIENT);
    if (lenient != null) {
      return lenient;
    }
    String customId = LenientJson.customId(buffer, start, length);
    return customId == null
        ? null
        : new AnswerLine(customId, false, false, Usage.NONE, Form.UNREADABLE);
  }

  private static @Nullable AnswerLine read(JsonParser parser, Form form) throws IOException {
    try (JsonParser json = parser) {
      return json.nextToken() == JsonToken.START_OBJECT ? new Reading(json).line(form) : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static final class Reading {
    private final JsonParser json;
    private @Nullable String customId;
    private boolean idIsText;
    private boolean failed;
    private @Nullable String code;
    private boolean responded;
    private boolean answered;

    /** -1 if missing or unreadable. */
    private double status = -1;

    private long input;
    private long output;
    private long total;

    Reading(JsonParser json) {
      this.json = json;
    }

    @Nullable AnswerLine line(Form form) throws IOException {
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        switch (name) {
          case "custom_id" -> {
            idIsText = value == JsonToken.VALUE_STRING;
            customId = idIsText || value.isNumeric() ? json.getText() : null;
          }
          case "error" -> error(value);
          case "response" -> response(value);
          default -> {}
        }
        json.skipChildren();
      }
      if (customId == null || json.nextToken() != null) {
        return null;
      }
      boolean success = !failed && answered && (status < 0 || (status >= 200 && status < 300));
      return new AnswerLine(
          customId,
          success,
          !success && mayPass(),
          new Usage(input, output, total()),
          idIsText ? form : Form.LENIENT);
    }

    /**
     * Decides by the status; if that is a success or missing, by the error code. Status 0 means
     * that no answer arrived.
     */
    private boolean mayPass() {
      if (responded && status == 0) {
        return failed || !answered; // an answer was paid for
      }
      String word = responded && status > 0 && (status < 200 || status >= 300) ? status() : code;
      return word != null && TemporaryFailures.BATCH_LINE.include(word);
    }

    private String status() {
      return "" + (int) status;
    }

    /** Reads an error; empty ones, which some servers write for successes, are ignored. */
    private void error(JsonToken error) throws IOException {
      if (error == JsonToken.VALUE_STRING) {
        failed |= !json.getText().isBlank();
        code = code == null ? word(json.getText()) : code;
      } else if (error != JsonToken.START_OBJECT) {
        failed |= error != JsonToken.VALUE_NULL && error != JsonToken.VALUE_FALSE;
      } else {
        members();
      }
    }

    /** Reads an error object: its code, else its type or status, is the kind of error. */
    private void members() throws IOException {
      String type = null;
      String state = null;
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        failed = true;
        if (name.equals("code") && value.isScalarValue()) {
          code = word(json.getValueAsString());
        } else if (name.equals("type") && value == JsonToken.VALUE_STRING) {
          type = word(json.getText());
        } else if (name.equals("status") && value.isScalarValue()) {
          state = word(json.getValueAsString());
        }
        json.skipChildren();
      }
      code = code == null ? type : code;
      code = code == null ? state : code; // Google's word
    }

    private static @Nullable String word(@Nullable String text) {
      return text == null || text.isBlank()
          ? null
          : text.strip().toLowerCase(Locale.ROOT).replaceAll("[ -]", "_").replaceAll("\\.0+$", "");
    }

    private void response(JsonToken response) throws IOException {
      responded = response == JsonToken.START_OBJECT;
      if (!responded) {
        return;
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        switch (name) {
          case "status_code" -> status = number(value, -1);
          case "body" -> body(value);
          default -> {}
        }
        json.skipChildren();
      }
    }

    private void body(JsonToken body) throws IOException {
      answered = body != JsonToken.VALUE_NULL;
      if (body != JsonToken.START_OBJECT) {
        return;
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        switch (name) {
          case "usage" -> usage(value);
          case "error" -> error(value);
          case "object" -> // an error of vLLM and others
              failed |= value == JsonToken.VALUE_STRING && json.getText().equals("error");
          default -> {}
        }
        json.skipChildren();
      }
    }

    private void usage(JsonToken usage) throws IOException {
      if (usage != JsonToken.START_OBJECT) {
        return;
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        switch (name) {
          case "prompt_tokens", "input_tokens" -> input += tokens(value);
          case "cache_creation_input_tokens", "cache_read_input_tokens" ->
              input += tokens(value); // Anthropic counts them separately
          case "completion_tokens", "output_tokens" -> output = tokens(value);
          case "total_tokens" -> total = tokens(value);
          default -> {}
        }
        json.skipChildren();
      }
    }

    private long total() {
      return total == 0 ? input + output : total;
    }

    private long tokens(JsonToken value) throws IOException {
      return Math.clamp((long) number(value, 0), 0, Integer.MAX_VALUE);
    }

    private double number(JsonToken value, double otherwise) throws IOException {
      if (value.isNumeric()) {
        return json.getDoubleValue();
      }
      String text = value == JsonToken.VALUE_STRING ? json.getText() : "";
      return text.matches("\\d{1,9}") ? Integer.parseInt(text) : otherwise;
    }
  }
}
