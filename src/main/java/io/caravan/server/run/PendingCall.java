package io.caravan.server.run;

/** What takes a room of a lane until it has ended. */
interface PendingCall {

  /**
   * Begins, and comes back without waiting.
   *
   * @param end is run once when it has ended, on any thread, and not at all when it did not begin
   * @return false when there was nothing left to begin
   */
  boolean begin(Runnable end);
}
