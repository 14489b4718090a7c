package io.caravan.jsonl.split;

import io.caravan.jsonl.tokens.Tokens;
import java.nio.file.Path;

/**
 * One part of a job, complete and on disk.
 *
 * @param number the first is 1
 * @param bytes size of the file
 * @param tokens about how many its prompts have
 */
public record PartFile(
    int number,
    Path file,
    String endpoint,
    String model,
    int requests,
    long bytes,
    Tokens tokens) {}
