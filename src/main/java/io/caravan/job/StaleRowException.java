package io.caravan.job;

/** Somebody else has changed or taken the row since it was read; whoever holds it must let go. */
public final class StaleRowException extends RuntimeException {
  StaleRowException(String row, long version) {
    this(row + " is no longer at version " + version + ", or no longer ours");
  }

  StaleRowException(String message) {
    super(message);
  }
}
