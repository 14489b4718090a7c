package io.caravan.queue.wait;

/** How a wait ended. */
public enum Waited {
  /** The request has changed, or was deleted. */
  CHANGED,
  /** The time is over. */
  TIMED_OUT,
  /** The client has disconnected. */
  GONE,
  /** Caravan is stopping. */
  STOPPED
}
