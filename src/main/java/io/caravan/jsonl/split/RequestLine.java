package io.caravan.jsonl.split;

/**
 * A valid request line.
 *
 * @param line number, starting at 1; blank lines count
 * @param offset of the line in the file
 * @param length in bytes, without the line ending
 * @param kind shared by all requests of a part
 * @param embeddingInputs number of texts to embed, 0 for other endpoints
 */
public record RequestLine(
    long line, long offset, int length, String customId, Kind kind, int embeddingInputs) {
  /** Endpoint and model of a request: providers allow one of each per batch. */
  public record Kind(String endpoint, String model) {}
}
