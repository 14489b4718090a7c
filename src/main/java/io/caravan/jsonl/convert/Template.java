package io.caravan.jsonl.convert;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How rows and short lines become requests.
 *
 * @param endpoint such as {@code /v1/chat/completions}
 * @param model for rows that name none
 * @param system what stands before the prompt; null: nothing
 * @param prompt with {@code {{column}}} where a row's values go
 * @param parameters further members of the body
 * @param carry columns that come back beside the answer
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
