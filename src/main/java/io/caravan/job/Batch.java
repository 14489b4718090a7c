package io.caravan.job;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A batch as its provider describes it. */
public record Batch(
    String id,
    BatchStatus status,
    @Nullable String inputFileId,
    @Nullable String outputFileId,
    @Nullable String errorFileId,
    RequestCounts counts,
    List<BatchError> errors,
    Map<String, String> metadata) {}
