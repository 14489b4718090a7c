package io.caravan.server;

import org.jspecify.annotations.Nullable;

/**
 * A page that is asked for.
 *
 * @param purpose of files; null: any
 * @param after the last one of the page before
 */
record Listing(
    String owner,
    @Nullable String purpose,
    @Nullable String after,
    int limit,
    boolean newestFirst) {

  static Listing newestFirst(String owner, @Nullable String after, int limit) {
    return new Listing(owner, null, after, limit, true);
  }
}
