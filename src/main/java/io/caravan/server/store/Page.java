package io.caravan.server.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.caravan.server.wire.ApiException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One page of a list, in OpenAI's format. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Page<T>(
    String object,
    List<T> data,
    @Nullable String firstId,
    @Nullable String lastId,
    boolean hasMore) {

  /** Replaces missing ids by "": OpenAI's API description requires strings in lists of files. */
  public Page<T> withIds() {
    return new Page<>(
        object,
        data,
        Objects.requireNonNullElse(firstId, ""),
        Objects.requireNonNullElse(lastId, ""),
        hasMore);
  }

  /** Selects the requested page from all matches, which must be in order. */
  public static <T> Page<T> of(List<T> all, Function<T, String> id, Listing listing) {
    String after = listing.after();
    List<String> ids = all.stream().map(id).toList();
    int start = after == null ? 0 : ids.indexOf(after) + 1;
    if (after != null && start == 0) {
      throw noSuch(after);
    }
    return first(all.subList(start, all.size()), id, listing.limit());
  }

  /** Makes a page of the first elements; {@code following} may have more than the limit. */
  public static <T> Page<T> first(List<T> following, Function<T, String> id, int limit) {
    List<T> data = following.subList(0, Math.min(limit, following.size()));
    return new Page<>(
        "list",
        data,
        data.isEmpty() ? null : id.apply(data.getFirst()),
        data.isEmpty() ? null : id.apply(data.getLast()),
        data.size() < following.size());
  }

  public static ApiException noSuch(String after) {
    return ApiException.notFound("No such object: " + after, "after");
  }

  public <S> Page<S> map(Function<T, S> shape) {
    return new Page<>(object, data.stream().map(shape).toList(), firstId, lastId, hasMore);
  }
}
