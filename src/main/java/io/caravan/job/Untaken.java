package io.caravan.job;

import java.time.Instant;

/**
 * What lies in an inbox and is not taken.
 *
 * @param source the file, folder or object
 * @param reason why, and what to do; follows the source in a sentence
 */
public record Untaken(String source, String reason, Instant since) {}
