package io.caravan.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The message to a client's receiver that a request has ended.
 *
 * @param id the same in each attempt
 * @param tries attempts so far, since it was created or replayed
 * @param dueAt the next attempt; null once there is none
 * @param answer the status code of the last attempt; null if there was no answer
 * @param problem why the last attempt failed
 * @param owner the replica that sends it
 * @param health null while the receiver works
 */
public record Callback(
    String id,
    String requestId,
    CallbackEndpoint endpoint,
    CallbackStatus status,
    int tries,
    Instant createdAt,
    @Nullable Instant dueAt,
    @Nullable Instant triedAt,
    @Nullable Instant endedAt,
    @Nullable Integer answer,
    @Nullable String problem,
    @Nullable String owner,
    @Nullable Health health) {
  /**
   * A receiver whose last attempts have failed.
   *
   * @param failures consecutive ones
   * @param pausedUntil when one callback is tried again; null if it is not paused
   * @param disabledAt when it has answered that it takes no more; null if it has not
   */
  public record Health(int failures, @Nullable Instant pausedUntil, @Nullable Instant disabledAt) {}
}
