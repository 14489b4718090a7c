package io.caravan.flow.synchronous;

import java.math.BigDecimal;

/** A limit of money that remembers the most that was held or spent at once. */
final class Purse implements SpendGate {
  private final BigDecimal limit;
  private BigDecimal taken = BigDecimal.ZERO;
  private BigDecimal most = BigDecimal.ZERO;
  private BigDecimal told = BigDecimal.ZERO;

  Purse(String limit) {
    this.limit = new BigDecimal(limit);
  }

  @Override
  public synchronized boolean reserve(BigDecimal atMost) {
    if (taken.add(atMost).compareTo(limit) > 0) {
      return false;
    }
    taken = taken.add(atMost);
    most = most.max(taken);
    return true;
  }

  @Override
  public synchronized void spent(BigDecimal reserved, BigDecimal actual) {
    taken = taken.subtract(reserved).add(actual);
    told = reserved.signum() == 0 ? told.add(actual) : told;
  }

  synchronized BigDecimal taken() {
    return taken;
  }

  synchronized BigDecimal most() {
    return most;
  }

  /** What earlier processes had spent. */
  synchronized BigDecimal spentBefore() {
    return told;
  }
}
