package io.caravan.job;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The errors of a batch as a column of the part's row stores them. */
public final class BatchErrors {
  private static final JsonMapper JSON = new JsonMapper();

  private BatchErrors() {}

  /** Returns the errors as JSON; null without any. */
  public static @Nullable String write(List<BatchError> errors) {
    return errors.isEmpty() ? null : JSON.valueToTree(errors).toString();
  }

  /** Returns the errors that {@link #write} made JSON of. */
  public static List<BatchError> read(@Nullable String stored) {
    if (stored == null) {
      return List.of();
    }
    try {
      return List.of(JSON.readValue(stored, BatchError[].class));
    } catch (JacksonException e) {
      throw new IllegalStateException("The store holds batch errors that are not valid JSON.", e);
    }
  }
}
