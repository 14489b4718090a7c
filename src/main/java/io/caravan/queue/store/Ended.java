package io.caravan.queue.store;

/** An ended request, in short. */
public record Ended(Position position, String client, String jobType) {
  /** The id of the request. */
  public String id() {
    return position.id();
  }
}
