package io.caravan.cost;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * The price of one model in USD per token; in a batch half of it, unless its row says otherwise.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Price(
    @JsonProperty("input_cost_per_token") double input,
    @JsonProperty("output_cost_per_token") double output,
    @JsonProperty("input_cost_per_token_batches") @Nullable Double batchInput,
    @JsonProperty("output_cost_per_token_batches") @Nullable Double batchOutput) {
  private static final double BATCH = 0.5;

  /** The cost of requests that are sent one by one. */
  public double synchronous(long inputTokens, long outputTokens) {
    return input * inputTokens + output * outputTokens;
  }

  /** The cost of requests in a batch. */
  public double batch(long inputTokens, long outputTokens) {
    return (batchInput == null ? input * BATCH : batchInput) * inputTokens
        + (batchOutput == null ? output * BATCH : batchOutput) * outputTokens;
  }
}
