package io.caravan.flow.event;

/** An event is not taken; its message is for the sender and the log, without text of the sender. */
final class RejectedEventException extends RuntimeException {
  private final int status;
  private final String code;

  private RejectedEventException(int status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The call does not prove that it comes from the provider, or is no event. */
  static RejectedEventException invalid(String message) {
    return new RejectedEventException(400, "invalid_event", message);
  }

  static RejectedEventException tooLarge(int most) {
    return new RejectedEventException(
        413, "event_too_large", "The event is larger than %,d bytes.".formatted(most));
  }

  /** Events cannot be taken now; the provider repeats them later. */
  static RejectedEventException unavailable(String code, String message) {
    return new RejectedEventException(503, code, message);
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
