package io.caravan.job;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The status of a batch at its provider, in OpenAI's terms. */
public enum BatchStatus {
  VALIDATING,
  IN_PROGRESS,
  FINALIZING,
  COMPLETED,
  FAILED,
  EXPIRED,
  CANCELLING,
  CANCELLED,
  /** A status that this version does not know: not terminal, so the batch is polled again. */
  UNKNOWN;

  /** Whether the status is final. */
  public boolean terminal() {
    return switch (this) {
      case COMPLETED, FAILED, EXPIRED, CANCELLED -> true;
      case VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING, UNKNOWN -> false;
    };
  }

  /** Parses the status on the wire; compatible servers may capitalise it or use their own words. */
  public static BatchStatus of(@Nullable String word) {
    String lower = word == null ? "" : word.toLowerCase(Locale.ROOT).strip();
    for (BatchStatus status : values()) {
      if (status.word().equals(lower)) {
        return status;
      }
    }
    return switch (lower) { // Mistral's
      case "queued" -> VALIDATING;
      case "running" -> IN_PROGRESS;
      case "success" -> COMPLETED;
      case "timeout_exceeded" -> EXPIRED;
      case "cancellation_requested" -> CANCELLING;
      default -> UNKNOWN;
    };
  }

  /** The status on the wire, such as {@code in_progress}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
