package io.caravan.jsonl.settle;

/** Token usage as counted by providers. */
public record Usage(long inputTokens, long outputTokens, long totalTokens) {
  public static final Usage NONE = new Usage(0, 0, 0);

  public Usage plus(Usage other) {
    return new Usage(
        inputTokens + other.inputTokens,
        outputTokens + other.outputTokens,
        totalTokens + other.totalTokens);
  }

  Usage minus(Usage other) {
    return new Usage(
        inputTokens - other.inputTokens,
        outputTokens - other.outputTokens,
        totalTokens - other.totalTokens);
  }
}
