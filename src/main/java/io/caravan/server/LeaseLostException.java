package io.caravan.server;

/** Another server has taken the batch; nothing that this one still does to it counts. */
final class LeaseLostException extends RuntimeException {
  LeaseLostException(String batchId) {
    super("batch=%s is run by another replica now".formatted(batchId));
  }
}
