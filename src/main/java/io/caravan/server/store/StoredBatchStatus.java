package io.caravan.server.store;

import java.util.Locale;
import java.util.Set;

/** The status of a batch, and the allowed transitions. */
public enum StoredBatchStatus {
  VALIDATING,
  IN_PROGRESS,
  FINALIZING,
  CANCELLING,
  COMPLETED,
  FAILED,
  EXPIRED,
  CANCELLED;

  boolean canBecome(StoredBatchStatus next) {
    return next().contains(next);
  }

  public boolean terminal() {
    return next().isEmpty();
  }

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  private Set<StoredBatchStatus> next() {
    return switch (this) {
      case VALIDATING -> Set.of(IN_PROGRESS, FAILED, CANCELLING);
      case IN_PROGRESS -> Set.of(FINALIZING, EXPIRED, CANCELLING);
      case FINALIZING -> Set.of(COMPLETED, CANCELLING);
      case CANCELLING -> Set.of(CANCELLED);
      case COMPLETED, FAILED, EXPIRED, CANCELLED -> Set.of();
    };
  }
}
