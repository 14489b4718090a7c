package io.caravan.client;

/** The server cannot start with its settings; says what is wrong and what to do. */
public final class UnfitSettingsException extends IllegalArgumentException {
  private final String action;

  public UnfitSettingsException(String description, String action) {
    super(description);
    this.action = action;
  }

  String action() {
    return action;
  }
}
