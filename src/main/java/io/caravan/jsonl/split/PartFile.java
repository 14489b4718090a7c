package io.caravan.jsonl.split;

import io.caravan.jsonl.tokens.Tokens;
import java.nio.file.Path;

/**
 * A part of a job, complete and on disk.
 *
 * @param number starting at 1
 * @param bytes size of the file
 * @param tokens estimated prompt tokens
 */
public record PartFile(
    int number,
    Path file,
    String endpoint,
    String model,
    int requests,
    long bytes,
    Tokens tokens) {}
