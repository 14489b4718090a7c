package io.caravan.server.store;

/** Another server has taken the batch; nothing that this one still does to it counts. */
public final class LeaseLostException extends RuntimeException {
  public LeaseLostException(String batchId) {
    super("batch=%s is run by another replica now".formatted(batchId));
  }
}
