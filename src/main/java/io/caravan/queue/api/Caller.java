package io.caravan.queue.api;

import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueuedRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The caller of a path below {@code /batch}.
 *
 * @param client the name of its key; empty without keys
 * @param operator whether it has shown the operator token, and so sees everything
 */
public record Caller(String client, boolean operator) {
  /** The attribute of a request that {@link QueueAccess} sets. */
  static final String ATTRIBUTE = Caller.class.getName();

  static Caller of(HttpServletRequest request) {
    return Objects.requireNonNull(
        (Caller) request.getAttribute(ATTRIBUTE), "the filter of /batch did not run");
  }

  /** The client whose requests it sees; null for all clients. */
  @Nullable String sees() {
    return operator ? null : client;
  }

  /** Whether it sees what that client owns. */
  boolean maySee(@Nullable String owner) {
    return operator || client.equals(Objects.requireNonNullElse(owner, ""));
  }

  /** Returns a request that it sees; another one does not exist for it. */
  QueuedRequest require(@Nullable QueuedRequest request, String id) {
    if (request == null || !maySee(request.group().client())) {
      throw QueueProblem.unknown(id);
    }
    return request;
  }
}
