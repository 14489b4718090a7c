package io.caravan.server.run;

/** A call that occupies a slot of a backend until it ends. */
interface PendingCall {

  /**
   * Begins without blocking.
   *
   * @param end runs once when the call has ended, on any thread; never if it did not begin
   * @return false when there was nothing to begin
   */
  boolean begin(Runnable end);
}
