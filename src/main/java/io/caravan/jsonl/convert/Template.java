package io.caravan.jsonl.convert;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A template that turns rows and short lines into requests.
 *
 * @param endpoint such as {@code /v1/chat/completions}
 * @param model for rows without a model
 * @param system system prompt; null for none
 * @param prompt with {@code {{column}}} placeholders for the values of a row
 * @param parameters additional members of the body
 * @param carry columns returned next to the answer
 */
public record Template(
    String endpoint,
    String model,
    @Nullable String system,
    String prompt,
    Map<String, Object> parameters,
    List<String> carry) {

  public Template(
      @Nullable String endpoint,
      @Nullable String model,
      @Nullable String system,
      @Nullable String prompt,
      @Nullable Map<String, Object> parameters,
      @Nullable List<String> carry) {
    this.endpoint = endpoint == null ? "/v1/chat/completions" : endpoint;
    this.model = model == null ? "" : model;
    this.system = system == null || system.isBlank() ? null : system;
    this.prompt = prompt == null ? "{{prompt}}" : prompt;
    this.parameters = parameters == null ? Map.of() : parameters;
    this.carry = carry == null ? List.of() : carry;
  }
}
