package io.caravan.job;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The provider's word for where a batch stands, in OpenAI's terms. */
public enum BatchStatus {
  VALIDATING,
  IN_PROGRESS,
  FINALIZING,
  COMPLETED,
  FAILED,
  EXPIRED,
  CANCELLING,
  CANCELLED,
  /** A word that this version does not know: not terminal, the batch is asked again. */
  UNKNOWN;

  /** Nothing more will come from the provider. */
  public boolean terminal() {
    return switch (this) {
      case COMPLETED, FAILED, EXPIRED, CANCELLED -> true;
      case VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING, UNKNOWN -> false;
    };
  }

  /**
   * The status for a word on the wire; compatible servers capitalise it, or have words of theirs.
   */
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

  /** The word on the wire, such as {@code in_progress}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
