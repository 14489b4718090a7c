package io.caravan.server.store;

import org.jspecify.annotations.Nullable;

/**
 * A page that is asked for.
 *
 * @param group the purpose of files, the provider of batches; null: any
 * @param after the last one of the page before
 */
public record Listing(
    String owner, @Nullable String group, @Nullable String after, int limit, boolean newestFirst) {

  public static Listing newestFirst(String owner, @Nullable String after, int limit) {
    return new Listing(owner, null, after, limit, true);
  }
}
