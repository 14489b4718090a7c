package io.caravan.jsonl.split;

/**
 * A line that keeps to the rules.
 *
 * @param line its number, the first is 1; blank lines count
 * @param offset where it starts in the file
 * @param length its bytes without the line ending
 * @param kind what all requests of a part share
 * @param embeddingInputs how many texts are to be embedded, 0 at other endpoints
 */
public record RequestLine(
    long line, long offset, int length, String customId, Kind kind, int embeddingInputs) {
  /** The endpoint and the model that a request is for: providers want one of each in a batch. */
  public record Kind(String endpoint, String model) {}
}
