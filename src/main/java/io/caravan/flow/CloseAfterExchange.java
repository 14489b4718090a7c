package io.caravan.flow;

import java.io.Closeable;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/** Closes what a message was made of once its exchange is over, whatever became of it. */
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
      // read to its end or given up: nothing depends on it
    }
  }
}
