package io.caravan.queue.wait;

import io.caravan.queue.QueuedRequest;
import io.caravan.queue.store.EndedFilter;
import io.caravan.queue.store.Position;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * One client's stream. It gets new events as they are found. Events of the past, and those for
 * which it is too slow, are read from the store as fast as the client reads.
 */
final class EventStream {
  static final int PAGE = 100;

  private final EventOutput output;
  private final EndedFilter filter;
  private final Consumer<EventStream> reader;
  private Position readTo;
  private boolean live;
  private boolean missed;

  /**
   * @param after the position of the last event before this stream
   * @param reader reads the next page for a stream, without blocking the caller
   */
  EventStream(
      EventOutput output, EndedFilter filter, Position after, Consumer<EventStream> reader) {
    this.output = output;
    this.filter = filter;
    this.readTo = after;
    this.reader = reader;
  }

  EndedFilter filter() {
    return filter;
  }

  boolean isClosed() {
    return output.isClosed();
  }

  void end() {
    output.end(new byte[0]);
  }

  /** Begins with new events. */
  synchronized void follow() {
    live = true;
  }

  /** A new event; it is read from the store later if earlier ones still are. */
  synchronized void offer(Event event) {
    if (!live) {
      missed = true;
    } else if (event.position.compareTo(readTo) > 0 && !send(event)) {
      live = false;
      output.whenWritten(() -> reader.accept(this));
    }
  }

  private boolean send(Event event) {
    if (filter.request() != null) {
      output.end(event.text);
      return true;
    }
    return output.send(event.text);
  }

  /** The position after which the next page begins. */
  synchronized Position beginPage() {
    missed = false;
    return readTo;
  }

  /** Sends a page, as far as there is room, and continues when it has been written. */
  synchronized void page(List<Event> page) {
    for (Event event : page) {
      if (!send(event)) {
        output.whenWritten(() -> reader.accept(this));
        return;
      }
      readTo = event.position;
    }
    if (page.size() == PAGE || missed) {
      output.whenWritten(() -> reader.accept(this));
    } else {
      live = true;
    }
  }

  /** An event as it is sent, the same to all streams. */
  static final class Event {
    private final Position position;
    private final byte[] text;

    private Event(Position position, byte[] text) {
      this.position = position;
      this.text = text;
    }

    static Event of(QueuedRequest request, EventFormat format) {
      var position =
          new Position(Objects.requireNonNull(request.endedAt()).toEpochMilli(), request.id());
      return new Event(
          position,
          EventOutput.event(
              position.millis() + "-" + position.id(),
              "request." + request.status().word(),
              format.json(request)));
    }
  }
}
