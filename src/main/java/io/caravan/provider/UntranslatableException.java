package io.caravan.provider;

/** A request contains something that the other API does not have. */
public final class UntranslatableException extends RuntimeException {
  private final String param;

  UntranslatableException(String param, String message) {
    super(message);
    this.param = param;
  }

  /** Rejects the member of that name in a body, such as {@code n}. */
  public static UntranslatableException refused(String name, String why) {
    return new UntranslatableException("body." + name, "body.%s %s".formatted(name, why));
  }

  /** The member at fault, such as {@code body.n}. */
  public String param() {
    return param;
  }
}
