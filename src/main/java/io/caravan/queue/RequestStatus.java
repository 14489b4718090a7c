package io.caravan.queue;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The status of a queued request. */
public enum RequestStatus {
  /** It waits for other requests. */
  QUEUED,
  /** It belongs to a job. */
  SUBMITTED,
  /** It has a result. */
  COMPLETED,
  /** It has an error. */
  FAILED,
  /** Its client has cancelled it, or an operator its job. */
  CANCELLED,
  /** The provider did not run it in time. */
  EXPIRED;

  /** Whether it changes no more. */
  public boolean terminal() {
    return switch (this) {
      case QUEUED, SUBMITTED -> false;
      case COMPLETED, FAILED, CANCELLED, EXPIRED -> true;
    };
  }

  /** The word that clients see, such as {@code queued}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The status of that word; empty if there is none. */
  public static Optional<RequestStatus> of(String word) {
    return Stream.of(values()).filter(status -> status.word().equals(word)).findFirst();
  }
}
