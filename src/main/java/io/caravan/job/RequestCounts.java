package io.caravan.job;

/** The request counts of a batch as its provider reports them. */
public record RequestCounts(long total, long completed, long failed) {
  /** The counts before the provider reports any. */
  public static final RequestCounts NONE = new RequestCounts(0, 0, 0);
}
