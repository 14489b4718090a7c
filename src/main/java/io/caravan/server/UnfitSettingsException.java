package io.caravan.server;

/** The server cannot start as it is set up; tells what is wrong and what to do. */
final class UnfitSettingsException extends IllegalArgumentException {
  private final String action;

  UnfitSettingsException(String description, String action) {
    super(description);
    this.action = action;
  }

  String action() {
    return action;
  }
}
