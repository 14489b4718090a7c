package io.caravan.lease;

/**
 * The row was changed or claimed by another replica since it was read; the work on it must stop.
 */
public final class StaleRowException extends RuntimeException {
  /** The row is no longer at that version. */
  public StaleRowException(String row, long version) {
    this(row + " is no longer at version " + version + ", or another replica holds it");
  }

  /** Takes the message. */
  public StaleRowException(String message) {
    super(message);
  }
}
