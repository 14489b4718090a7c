package io.caravan.flow.synchronous;

import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Requests to send one by one. The answers' file and the journal beside it belong to one file of
 * requests and one tier.
 *
 * @param provider its name
 * @param requests JSONL in OpenAI's batch input format, without bad lines
 * @param answers the file that answers are appended to; if it has some, the work of an earlier
 *     process is resumed
 * @param until no call is begun after it; null for no limit
 * @param maxAttempts how often a request is sent
 */
public record SynchronousOrder(
    String provider,
    Tier tier,
    Path requests,
    Path answers,
    @Nullable Instant until,
    int maxAttempts,
    SpendGate gate) {
  /** The journal of calls: begun, ended, and what they cost. */
  public Path journal() {
    return answers.resolveSibling(answers.getFileName() + ".begun");
  }
}
