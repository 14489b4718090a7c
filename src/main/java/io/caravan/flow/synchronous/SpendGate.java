package io.caravan.flow.synchronous;

import java.math.BigDecimal;

/**
 * A limit of money, in USD. Several threads use it. Money that another run holds counts as spent:
 * only the own calls in flight are waited for.
 */
public interface SpendGate {
  /** No limit. */
  SpendGate UNLIMITED =
      new SpendGate() {
        @Override
        public boolean reserve(BigDecimal atMost) {
          return true;
        }

        @Override
        public void spent(BigDecimal reserved, BigDecimal actual) {}

        @Override
        public boolean hasLimit() {
          return false;
        }
      };

  /** Reserves the highest cost of a call; returns false if it exceeds what is left. */
  boolean reserve(BigDecimal atMost);

  /**
   * Replaces a reservation by what was spent.
   *
   * @param reserved 0 for what an earlier process spent
   */
  void spent(BigDecimal reserved, BigDecimal actual);

  /** Whether there is a limit; then requests without a known price are not sent. */
  default boolean hasLimit() {
    return true;
  }
}
