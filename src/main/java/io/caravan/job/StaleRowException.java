package io.caravan.job;

/**
 * The row was changed or claimed by another replica since it was read; the work on it must stop.
 */
public final class StaleRowException extends RuntimeException {
  StaleRowException(String row, long version) {
    this(row + " is no longer at version " + version + ", or another replica holds it");
  }

  StaleRowException(String message) {
    super(message);
  }
}
