package io.caravan.server;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the embedded batch server.
 *
 * @param enabled whether the Files and Batch API is served at all
 * @param directory where files and batches are kept; one server at a time uses it
 * @param maxConcurrentBatches batches worked on side by side; the others wait in {@code validating}
 * @param maxRequestsPerBatch most requests in one input file
 * @param maxLineSize longest line of an input file
 * @param fileRetention how long batch files live when their upload does not say
 * @param embeddingModel the name that the embedding model in the JVM answers to
 */
@Validated
@ConfigurationProperties(prefix = "caravan.server", ignoreUnknownFields = false)
record ServerSettings(
    boolean enabled,
    @NotNull Path directory,
    @Positive int maxConcurrentBatches,
    @Positive int maxRequestsPerBatch,
    @NotNull DataSize maxLineSize,
    @NotNull Duration fileRetention,
    @NotBlank String embeddingModel) {

  /** How long a file of that purpose lives; null: until it is deleted. */
  @Nullable Duration lifetime(String purpose, @Nullable Duration asked) {
    return asked == null && purpose.equals(FileForm.BATCH) ? fileRetention : asked;
  }

  int maxLineBytes() {
    return Math.toIntExact(maxLineSize.toBytes());
  }
}
