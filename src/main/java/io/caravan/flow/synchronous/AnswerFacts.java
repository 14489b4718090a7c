package io.caravan.flow.synchronous;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.caravan.jsonl.StrictJson;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What money needs to know of a provider's answer, in any dialect. Reads it token by token: an
 * answer with embeddings has millions of numbers.
 *
 * @param json whether the answer is a JSON object
 * @param counted whether it reports its tokens
 * @param input tokens of the prompt, including cached ones
 * @param output tokens of the answer, including thinking
 * @param tier the tier that it reports
 */
record AnswerFacts(boolean json, boolean counted, long input, long output, @Nullable String tier) {
  private static final AnswerFacts NO_JSON = new AnswerFacts(false, false, 0, 0, null);

  static AnswerFacts read(byte[] body) {
    try (JsonParser json = StrictJson.parser(body, 0, body.length)) {
      return json.nextToken() == JsonToken.START_OBJECT ? new Reading(json).whole() : NO_JSON;
    } catch (IOException e) {
      return NO_JSON;
    }
  }

  /** The facts in a line that was written by {@link Judge}. */
  static AnswerFacts ofLine(byte[] line, int start, int length) {
    try (JsonParser json = StrictJson.parser(line, start, length)) {
      return json.nextToken() == JsonToken.START_OBJECT ? new Reading(json).line() : NO_JSON;
    } catch (IOException e) {
      return NO_JSON;
    }
  }

  /** The model that an answer names; null if it names none. */
  static @Nullable String model(byte[] line, int start, int length) {
    try (JsonParser json = StrictJson.parser(line, start, length)) {
      json.nextToken();
      var reading = new Reading(json);
      reading.line();
      return reading.model;
    } catch (IOException e) {
      return null;
    }
  }

  /** Whether it was answered in that tier, as far as it says. */
  AnswerFacts withTier(@Nullable String reported) {
    return reported == null ? this : new AnswerFacts(json, counted, input, output, reported);
  }

  private static final class Reading {
    private final JsonParser json;
    private boolean counted;
    private long input;
    private long output;
    private @Nullable String tier;
    private @Nullable String model;

    Reading(JsonParser json) {
      this.json = json;
    }

    AnswerFacts whole() throws IOException {
      body();
      return json.nextToken() == null ? facts() : NO_JSON;
    }

    AnswerFacts line() throws IOException {
      String written = null;
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        if (name.equals("response") && value == JsonToken.START_OBJECT) {
          response();
        } else if (name.equals("service_tier")) {
          written = text(value);
        }
        json.skipChildren();
      }
      tier = written;
      return facts();
    }

    private AnswerFacts facts() {
      return new AnswerFacts(true, counted, input, output, tier);
    }

    private void response() throws IOException {
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        if (json.nextToken() == JsonToken.START_OBJECT && name.equals("body")) {
          body();
        }
        json.skipChildren();
      }
    }

    private void body() throws IOException {
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        switch (name) {
          case "usage", "usageMetadata" -> usage(value);
          case "service_tier" -> tier = text(value);
          case "tokenCount" -> input += tokens(value); // Gemini's embeddings
          case "model", "modelVersion" -> model = text(value);
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
          case "prompt_tokens",
              "input_tokens",
              "cache_creation_input_tokens", // Anthropic counts these two separately
              "cache_read_input_tokens",
              "promptTokenCount",
              "toolUsePromptTokenCount" ->
              input += tokens(value);
          case "completion_tokens", "output_tokens", "candidatesTokenCount", "thoughtsTokenCount" ->
              output += tokens(value);
          case "service_tier" -> tier = text(value); // Anthropic
          default -> {}
        }
        json.skipChildren();
      }
    }

    private long tokens(JsonToken value) throws IOException {
      if (!value.isNumeric()) {
        return 0;
      }
      counted = true;
      return Math.clamp((long) json.getDoubleValue(), 0, Integer.MAX_VALUE);
    }

    private @Nullable String text(JsonToken value) throws IOException {
      return value == JsonToken.VALUE_STRING ? json.getText() : null;
    }
  }
}
