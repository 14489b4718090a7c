package io.caravan.jsonl;

/**
 * A line that keeps to the rules.
 *
 * @param line its number, the first is 1; blank lines count
 * @param offset where it starts in the file
 * @param length its bytes without the line ending
 */
public record RequestLine(
    long line, long offset, int length, String customId, String endpoint, String model) {}
