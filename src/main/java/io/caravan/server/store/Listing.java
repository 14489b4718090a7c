package io.caravan.server.store;

import org.jspecify.annotations.Nullable;

/**
 * The parameters of a list request.
 *
 * @param group the purpose of files or the provider of batches; null for any
 * @param after the id of the last element of the previous page; null for the first page
 */
public record Listing(
    String owner, @Nullable String group, @Nullable String after, int limit, boolean newestFirst) {

  public static Listing newestFirst(String owner, @Nullable String after, int limit) {
    return new Listing(owner, null, after, limit, true);
  }
}
