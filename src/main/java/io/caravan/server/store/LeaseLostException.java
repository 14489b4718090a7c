package io.caravan.server.store;

/** Another server has taken over the batch; later writes by this server are rejected. */
public final class LeaseLostException extends RuntimeException {
  public LeaseLostException(String batchId) {
    super("batch=%s is run by another replica now".formatted(batchId));
  }
}
