package io.caravan.job.source;

import java.time.Instant;

/**
 * A file, folder or object in an inbox that is not accepted.
 *
 * @param source the file, folder or object
 * @param reason why, and what to do; completes a sentence that starts with the source
 */
public record Untaken(String source, String reason, Instant since) {}
