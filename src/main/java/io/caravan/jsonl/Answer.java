package io.caravan.jsonl;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What harvesting and settling want to know of one line of an output or error file.
 *
 * @param success no error and a status from 200 to 299; the two files are not told apart by name
 * @param retryable a failure that may pass when the request is sent again
 */
record Answer(String customId, boolean success, boolean retryable, Usage usage) {
  /** Answers may carry images; a longer line is taken for unreadable. */
  static final int MAX_LINE = 1 << 26;

  /** Null when the line is no answer. */
  static @Nullable Answer read(LineReader lines) throws IOException {
    return lines.isTooLong() ? null : read(lines.buffer(), lines.start(), (int) lines.length());
  }

  /** Null when the line is no answer: no JSON object, cut off, or without custom_id. */
  static @Nullable Answer read(byte[] buffer, int start, int length) throws IOException {
    try (JsonParser json = Strict.parser(buffer, start, length)) {
      Reading reading = new Reading(json);
      return json.nextToken() == JsonToken.START_OBJECT ? reading.line() : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static final class Reading {
    /** Why the provider did not run a request, when that is no fault of the request. */
    private static final Set<String> PASSING =
        Set.of(
            "batch_expired",
            "batch_cancelled",
            "request_timeout",
            "rate_limit_exceeded",
            "server_error");

    private final JsonParser json;
    private @Nullable String customId;
    private boolean failed;
    private @Nullable String code;
    private boolean responded;
    private double status;
    private long input;
    private long output;
    private long total;

    Reading(JsonParser json) {
      this.json = json;
    }

    @Nullable Answer line() throws IOException {
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        switch (name) {
          case "custom_id" -> customId = value == JsonToken.VALUE_STRING ? json.getText() : null;
          case "error" -> error(value);
          case "response" -> response(value);
          default -> {}
        }
        json.skipChildren();
      }
      if (customId == null || json.nextToken() != null) {
        return null;
      }
      boolean success = !failed && status >= 200 && status < 300;
      boolean retryable = !success && mayPass();
      return new Answer(customId, success, retryable, new Usage(input, output, total()));
    }

    private boolean mayPass() {
      if (!responded) {
        return code == null || code.isEmpty() || PASSING.contains(code);
      }
      return switch ((int) status) {
        case 0 -> failed;
        case 408, 425, 429 -> true;
        case 501, 505 -> false;
        default -> status >= 500;
      };
    }

    private void error(JsonToken error) throws IOException {
      failed = error != JsonToken.VALUE_NULL;
      if (error != JsonToken.START_OBJECT) {
        return;
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        json.nextToken();
        if (name.equals("code")) {
          code = json.getValueAsString();
        }
        json.skipChildren();
      }
    }

    private void response(JsonToken response) throws IOException {
      responded = response == JsonToken.START_OBJECT;
      if (!responded) {
        return;
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        switch (name) {
          case "status_code" -> status = number(value);
          case "body" -> body(value);
          default -> {}
        }
        json.skipChildren();
      }
    }

    private void body(JsonToken body) throws IOException {
      if (body != JsonToken.START_OBJECT) {
        return;
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        if (json.nextToken() == JsonToken.START_OBJECT && name.equals("usage")) {
          usage();
        }
        json.skipChildren();
      }
    }

    private void usage() throws IOException {
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        switch (name) {
          case "prompt_tokens", "input_tokens" -> input += tokens(value);
          case "cache_creation_input_tokens", "cache_read_input_tokens" ->
              input += tokens(value); // which Anthropic counts apart
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
      return Math.clamp((long) number(value), 0, Integer.MAX_VALUE);
    }

    private double number(JsonToken value) throws IOException {
      if (value.isNumeric()) {
        return json.getDoubleValue();
      }
      String text = value == JsonToken.VALUE_STRING ? json.getText() : "";
      return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    }
  }
}
