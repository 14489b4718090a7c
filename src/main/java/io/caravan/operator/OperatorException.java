package io.caravan.operator;

/** An error answer with an HTTP status and a message for the operator. */
final class OperatorException extends RuntimeException {
  private final int status;
  private final String code;

  OperatorException(int status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
