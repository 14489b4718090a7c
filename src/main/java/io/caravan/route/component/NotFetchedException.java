package io.caravan.route.component;

/** Maven could not fetch a library; the message is Maven's. */
public final class NotFetchedException extends Exception {
  NotFetchedException(String message) {
    super(message);
  }
}
