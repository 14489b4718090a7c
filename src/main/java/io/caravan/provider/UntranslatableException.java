package io.caravan.provider;

/** A request asks for something that the other API has no word for. */
public final class UntranslatableException extends RuntimeException {
  private final String param;

  UntranslatableException(String param, String message) {
    super(message);
    this.param = param;
  }

  /** Refuses the member of that name of a body, such as {@code n}. */
  public static UntranslatableException refused(String name, String why) {
    return new UntranslatableException("body." + name, "body.%s %s".formatted(name, why));
  }

  /** The member at fault, such as {@code body.n}. */
  public String param() {
    return param;
  }
}
