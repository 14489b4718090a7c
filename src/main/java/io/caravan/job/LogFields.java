package io.caravan.job;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * The structured log fields {@code job}, {@code part}, {@code batch} and {@code pipeline} of the
 * current thread, set until closed.
 */
public final class LogFields implements AutoCloseable {
  private final @Nullable Map<String, String> before = MDC.getCopyOfContextMap();

  private LogFields() {}

  /** Sets the fields for a row. */
  public static LogFields of(Claimed row) {
    var fields = new LogFields();
    switch (row) {
      case Job job -> put(job.id(), null, null, job.pipeline());
      case Part part -> put(part.jobId(), part.id(), part.submission().batchId(), part.pipeline());
    }
    return fields;
  }

  /** Runs a log statement with the fields of a row. */
  public static void about(Claimed row, Runnable log) {
    LogFields fields = of(row);
    try {
      log.run();
    } finally {
      fields.close();
    }
  }

  private static void put(
      String job, @Nullable String part, @Nullable String batch, String pipeline) {
    put("job", job);
    put("part", part);
    put("batch", batch);
    put("pipeline", pipeline);
  }

  private static void put(String field, @Nullable String value) {
    if (value == null) {
      MDC.remove(field);
    } else {
      MDC.put(field, value);
    }
  }

  /** Restores the previous fields. */
  @Override
  public void close() {
    if (before == null) {
      MDC.clear();
    } else {
      MDC.setContextMap(before);
    }
  }
}
