package io.caravan.job;

import java.util.Locale;

/** Why Caravan does not wait for a batch any longer. */
public enum CutShort {
  /** The job's deadline is near. */
  DEADLINE,
  /** The batch makes no progress; its requests are run one by one. */
  STUCK,
  /** The batch makes no progress; its requests go into another batch. */
  RESEND,
  /** The provider refused the batch. */
  REFUSED,
  /** The batch failed. */
  FAILED,
  /** The pipeline runs such files without a batch. */
  MODE;

  /** The reason as written in settings, logs and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
