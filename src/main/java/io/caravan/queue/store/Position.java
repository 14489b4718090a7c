package io.caravan.queue.store;

import java.util.Comparator;

/**
 * A place in the order in which requests ended.
 *
 * @param millis when the request ended
 * @param id of the request; empty for the moment itself
 */
public record Position(long millis, String id) implements Comparable<Position> {
  private static final Comparator<Position> ORDER =
      Comparator.comparingLong(Position::millis).thenComparing(Position::id);

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }
}
