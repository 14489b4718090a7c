package io.caravan.job;

import java.util.Locale;

/** How the requests of a part are run: in a batch, or one by one in a tier of synchronous calls. */
public enum Way {
  BATCH,
  FLEX,
  STANDARD;

  /** The way as written in results, logs and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
