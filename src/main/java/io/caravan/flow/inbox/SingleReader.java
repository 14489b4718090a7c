package io.caravan.flow.inbox;

import io.caravan.flow.AnotherReadsException;
import io.caravan.job.source.SourceLocks;
import org.apache.camel.Exchange;
import org.apache.camel.Ordered;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * A lock that lets one of several replicas read an arrival, until its inbox has removed it; the
 * others retry later.
 */
final class SingleReader extends SynchronizationAdapter {
  private final SourceLocks sourceLocks;
  private final String arrival;

  private SingleReader(SourceLocks sourceLocks, String arrival) {
    this.sourceLocks = sourceLocks;
    this.arrival = arrival;
  }

  /**
   * Locks the arrival until the exchange is done.
   *
   * @param name its name for the exception if another replica holds the lock
   */
  static void begin(SourceLocks sourceLocks, String arrival, String name, Exchange exchange)
      throws AnotherReadsException {
    if (!sourceLocks.begin(arrival)) {
      throw new AnotherReadsException(name);
    }
    exchange.getExchangeExtension().addOnCompletion(new SingleReader(sourceLocks, arrival));
  }

  /** Runs after the inbox has removed the file. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST;
  }

  @Override
  public void onDone(Exchange done) {
    sourceLocks.end(arrival);
  }
}
