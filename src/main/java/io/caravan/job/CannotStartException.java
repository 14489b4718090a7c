package io.caravan.job;

/** The application cannot start with its settings; says what is wrong and what to do. */
public final class CannotStartException extends RuntimeException {
  private final String action;

  /** Takes the problem and what the user can do about it. */
  public CannotStartException(String description, String action) {
    super(description);
    this.action = action;
  }

  /** What the user can do. */
  public String action() {
    return action;
  }
}
