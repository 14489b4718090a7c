package io.caravan.server.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** One reason why a batch was rejected; lines count from 1. */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record BatchProblem(
    String code, String message, @Nullable String param, @Nullable Integer line) {

  public static BatchProblem noInput(String fileId) {
    return new BatchProblem(
        "invalid_request",
        "There is no file %s with purpose batch.".formatted(fileId),
        "file_id",
        null);
  }
}
