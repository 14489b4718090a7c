package io.caravan.flow.step;

import io.caravan.flow.synchronous.SpendGate;
import io.caravan.job.Part;
import io.caravan.job.send.CallBudgets;
import io.caravan.lease.Replica;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * The money of one part's calls: pieces of the limit of its job, which all replicas share. A
 * replica that has lost the part gets none.
 */
final class CallMoney implements SpendGate {
  private static final int MICROS = 6;

  /** Money is taken in so many pieces, since each of them is a write to the store. */
  private static final long PIECES = 50;

  private final CallBudgets budgets;
  private final Replica replica;
  private final Part part;
  private final long limit;
  private BigDecimal left;
  private BigDecimal total = BigDecimal.ZERO;

  /**
   * @param limit of the job, in USD; 0 for none
   */
  CallMoney(CallBudgets budgets, Replica replica, Part part, BigDecimal limit) {
    this.budgets = budgets;
    this.replica = replica;
    this.part = part;
    this.limit = micros(limit, RoundingMode.DOWN);
    this.left = BigDecimal.valueOf(budgets.taken(part.id()), MICROS);
  }

  static long micros(BigDecimal usd, RoundingMode rounding) {
    return usd.movePointRight(MICROS).setScale(0, rounding).longValueExact();
  }

  /** What was spent so far, in millionths of a USD. */
  synchronized long total() {
    return micros(total, RoundingMode.UP);
  }

  @Override
  public boolean hasLimit() {
    return limit > 0;
  }

  @Override
  public synchronized boolean reserve(BigDecimal atMost) {
    replica.check(part.owner());
    if (!hasLimit()) {
      return true;
    }
    BigDecimal missing = atMost.subtract(left);
    if (missing.signum() > 0 && !take(micros(missing, RoundingMode.UP))) {
      return false;
    }
    left = left.subtract(atMost);
    return true;
  }

  private boolean take(long missing) {
    long piece = Math.max(missing, limit / PIECES);
    for (long micros : piece == missing ? new long[] {missing} : new long[] {piece, missing}) {
      if (budgets.take(part.id(), part.jobId(), micros, limit)) {
        left = left.add(BigDecimal.valueOf(micros, MICROS));
        return true;
      }
    }
    return false;
  }

  @Override
  public synchronized void spent(BigDecimal reserved, BigDecimal actual) {
    left = left.add(reserved).subtract(actual);
    total = total.add(actual);
  }
}
