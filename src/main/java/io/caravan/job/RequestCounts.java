package io.caravan.job;

/** How many requests a provider says a batch has, and how many of them ended well or badly. */
public record RequestCounts(long total, long completed, long failed) {
  /** Before a provider has counted. */
  public static final RequestCounts NONE = new RequestCounts(0, 0, 0);
}
