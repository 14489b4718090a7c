package io.caravan.kill;

import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads the store's rows by component names, without depending on their classes. */
final class Rows {
  private Rows() {}

  static boolean isRow(@Nullable Object value) {
    return value instanceof Record row && get(row, "status") instanceof Enum;
  }

  /** For example {@code part CREATING}. */
  static String name(Object row) {
    return row.getClass().getSimpleName().toLowerCase(Locale.ROOT) + " " + get(row, "status");
  }

  /** For example {@code part CREATING -> SUBMITTED}: the current and the next status. */
  static String name(Object row, @Nullable Object change) {
    Object next = change instanceof Consumer ? changed(row, change) : row;
    Object status = get(next, "status");
    return Objects.equals(status, get(row, "status")) ? name(row) : name(row) + " -> " + status;
  }

  private static Object changed(Object row, Object change) {
    try {
      Method with = row.getClass().getMethod("with", Consumer.class);
      with.setAccessible(true);
      return with.invoke(row, change);
    } catch (ReflectiveOperationException e) {
      return row;
    }
  }

  /** The job's id; that of the row itself if it belongs to a request. */
  static String job(Object row) {
    if (get(row, "requestId") != null) {
      return "" + get(row, "id");
    }
    Object job = get(row, "jobId");
    if (job == null) {
      Object file = Objects.requireNonNull(get(row, "file")); // fails after a rename
      Boundaries.seen("" + get(row, "id"), "" + get(file, "name"));
      return "" + get(row, "id");
    }
    Boundaries.seen("" + job);
    return "" + job;
  }

  static @Nullable Object get(Object row, String component) {
    try {
      Method accessor = row.getClass().getMethod(component);
      accessor.setAccessible(true);
      return accessor.invoke(row);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }
}
