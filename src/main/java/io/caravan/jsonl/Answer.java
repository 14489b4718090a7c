package io.caravan.jsonl;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What settling wants to know of one line of an output or error file.
 *
 * @param success no error and a status from 200 to 299; the two files are not told apart by name
 */
record Answer(String customId, boolean success, Usage usage) {

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
    private final JsonParser json;
    private @Nullable String customId;
    private boolean failed;
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
          case "error" -> failed = value != JsonToken.VALUE_NULL;
          case "response" -> response(value);
          default -> {}
        }
        json.skipChildren();
      }
      if (customId == null || json.nextToken() != null) {
        return null;
      }
      boolean success = !failed && status >= 200 && status < 300;
      return new Answer(customId, success, new Usage(input, output, total()));
    }

    private void response(JsonToken response) throws IOException {
      if (response != JsonToken.START_OBJECT) {
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
          case "prompt_tokens", "input_tokens" -> input = tokens(value);
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
