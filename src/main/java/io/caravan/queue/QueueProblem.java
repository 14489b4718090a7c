package io.caravan.queue;

import org.jspecify.annotations.Nullable;

/** A call to a queue that cannot be served, with the HTTP status of its answer. */
public final class QueueProblem extends RuntimeException {
  private static final int UNAVAILABLE = 503;
  private static final int SECONDS = 5;

  private final int status;
  private final String code;
  private final @Nullable String param;
  private final int retryAfter;

  private QueueProblem(
      int status, String code, String message, @Nullable String param, int retryAfter) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
    this.retryAfter = retryAfter;
  }

  /** A call that the client must change. */
  public static QueueProblem invalid(String code, String message, @Nullable String param) {
    return new QueueProblem(400, code, message, param, 0);
  }

  /** A call with another status. */
  public static QueueProblem of(int status, String code, String message) {
    return new QueueProblem(status, code, message, null, 0);
  }

  /** A call that may succeed later. */
  public static QueueProblem later(int status, String code, String message, int seconds) {
    return new QueueProblem(status, code, message, null, seconds);
  }

  /** A call that could not be stored. */
  public static QueueProblem notStored(Throwable cause) {
    var problem =
        new QueueProblem(
            UNAVAILABLE,
            "not_stored",
            "The request could not be stored, and nothing was accepted. Send it again later.",
            null,
            SECONDS);
    problem.initCause(cause);
    return problem;
  }

  /** A request that does not exist, or that another client owns. */
  public static QueueProblem unknown(String id) {
    return of(404, "request_not_found", "There is no request %s.".formatted(id));
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The machine-readable reason, such as {@code duplicate_custom_id}. */
  public String code() {
    return code;
  }

  /** The member that it is about; null if none. */
  public @Nullable String param() {
    return param;
  }

  /** Seconds until another attempt makes sense; 0 if it never does. */
  public int retryAfter() {
    return retryAfter;
  }

  /** The message, which is never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
