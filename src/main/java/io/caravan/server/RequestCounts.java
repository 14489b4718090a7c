package io.caravan.server;

/** How many requests a batch has, and how many of them ended how. */
record RequestCounts(int total, int completed, int failed) {
  static final RequestCounts NONE = new RequestCounts(0, 0, 0);
}
