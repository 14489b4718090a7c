package io.caravan.flow.synchronous;

import java.util.Locale;

/** How urgent a call is, which decides its price. */
public enum Tier {
  /** The price of a batch, as capacity allows. */
  FLEX,
  /** The full price. */
  STANDARD;

  /** The name in answers and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
