package io.caravan.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One page of a list, in OpenAI's shape. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
record Page<T>(
    String object,
    List<T> data,
    @Nullable String firstId,
    @Nullable String lastId,
    boolean hasMore) {

  /** OpenAI's description wants them to be texts in lists of files, even where there are none. */
  Page<T> withIds() {
    return new Page<>(
        object,
        data,
        Objects.requireNonNullElse(firstId, ""),
        Objects.requireNonNullElse(lastId, ""),
        hasMore);
  }

  /** The items that follow the one named {@code after}, at most {@code limit}. */
  static <S, T> Page<T> of(
      List<S> all,
      Function<S, String> id,
      @Nullable String after,
      int limit,
      Function<S, T> shape) {
    List<String> ids = all.stream().map(id).toList();
    int start = after == null ? 0 : ids.indexOf(after) + 1;
    if (after != null && start == 0) {
      throw ApiException.notFound("No such object: " + after, "after");
    }
    int end = Math.min(all.size(), start + limit);
    return new Page<>(
        "list",
        all.subList(start, end).stream().map(shape).toList(),
        start < end ? ids.get(start) : null,
        start < end ? ids.get(end - 1) : null,
        end < all.size());
  }
}
