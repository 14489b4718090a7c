package io.caravan.flow;

import java.io.Closeable;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/** Closes a resource of a message once its exchange is done, successfully or not. */
public final class CloseAfterExchange extends SynchronizationAdapter {
  private final Closeable resource;

  public CloseAfterExchange(Closeable resource) {
    this.resource = resource;
  }

  @Override
  public void onDone(Exchange exchange) {
    try {
      resource.close();
    } catch (IOException e) {
      // fully read or abandoned: nothing depends on it
    }
  }
}
