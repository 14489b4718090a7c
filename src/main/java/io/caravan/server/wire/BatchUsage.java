package io.caravan.server.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;

/** Token usage in the format of a batch's {@code usage}. */
public record BatchUsage(
    @JsonProperty("input_tokens") long input,
    @JsonProperty("input_tokens_details") InputDetails inputDetails,
    @JsonProperty("output_tokens") long output,
    @JsonProperty("output_tokens_details") OutputDetails outputDetails,
    @JsonProperty("total_tokens") long total) {
  public static final BatchUsage NONE = of(0, 0, 0, 0);

  /** Reads the usage from the body of an answer. */
  public static BatchUsage in(JsonBytes body) {
    return of(body.usage());
  }

  /** Reads a usage object in the format of chat completions or of responses. */
  public static BatchUsage of(JsonNode usage) {
    return of(
        tokens(either(usage, "prompt_tokens", "input_tokens")),
        tokens(
            either(usage, "prompt_tokens_details", "input_tokens_details").path("cached_tokens")),
        tokens(either(usage, "completion_tokens", "output_tokens")),
        tokens(
            either(usage, "completion_tokens_details", "output_tokens_details")
                .path("reasoning_tokens")));
  }

  /** Reads a token count, which may be any JSON; limits it to 0..{@link Integer#MAX_VALUE}. */
  public static long tokens(JsonNode count) {
    return count.canConvertToLong() ? Math.clamp(count.asLong(), 0, Integer.MAX_VALUE) : 0;
  }

  public static BatchUsage of(long input, long output) {
    return of(input, 0, output, 0);
  }

  public BatchUsage plus(BatchUsage other) {
    return of(
        input + other.input,
        inputDetails.cached + other.inputDetails.cached,
        output + other.output,
        outputDetails.reasoning + other.outputDetails.reasoning);
  }

  private static BatchUsage of(long input, long cached, long output, long reasoning) {
    return new BatchUsage(
        input, new InputDetails(cached), output, new OutputDetails(reasoning), input + output);
  }

  private static JsonNode either(JsonNode usage, String name, String other) {
    return usage.has(name) ? usage.path(name) : usage.path(other);
  }

  /** Number of input tokens that came from a cache. */
  record InputDetails(@JsonProperty("cached_tokens") long cached) {}

  /** Number of output tokens spent on reasoning. */
  record OutputDetails(@JsonProperty("reasoning_tokens") long reasoning) {}
}
