package io.caravan.flow.inbox;

import io.caravan.flow.AnotherReadsException;
import io.caravan.job.SourceLocks;
import org.apache.camel.Exchange;
import org.apache.camel.Ordered;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Of several replicas one reads what was dropped, until its inbox has let go of it; the others come
 * back to see.
 */
final class SingleReader extends SynchronizationAdapter {
  private final SourceLocks readings;
  private final String arrival;

  private SingleReader(SourceLocks readings, String arrival) {
    this.readings = readings;
    this.arrival = arrival;
  }

  /**
   * From here on this replica reads it, until the exchange is over.
   *
   * @param name what it is called when another one does
   */
  static void begin(SourceLocks readings, String arrival, String name, Exchange exchange)
      throws AnotherReadsException {
    if (!readings.begin(arrival)) {
      throw new AnotherReadsException(name);
    }
    exchange.getExchangeExtension().addOnCompletion(new SingleReader(readings, arrival));
  }

  /** After the inbox has let go of it. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST;
  }

  @Override
  public void onDone(Exchange done) {
    readings.end(arrival);
  }
}
