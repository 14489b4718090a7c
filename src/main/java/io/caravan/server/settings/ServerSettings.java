package io.caravan.server.settings;

import io.caravan.server.store.FileForm;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the embedded batch server.
 *
 * @param enabled whether the Files and Batch API is served at all
 * @param directory where files and batches are kept; with PostgreSQL, only what is in work
 * @param maxConcurrentBatches batches worked on side by side; the others wait in {@code validating}
 * @param maxRequestsPerBatch most requests in one input file
 * @param maxLineSize longest line of an input file
 * @param fileRetention how long batch files live when their upload does not say
 * @param maxShare how much of a backend batches may use, from 0 to 1; the rest is left to requests
 *     that somebody waits for
 * @param quietHours when batches may use all of it, such as {@code 22:00-06:00}; empty for never
 * @param progressInterval how often the log tells how far a running batch is
 * @param batchRetention how long ended batches are known
 * @param cleaningInterval how often what has expired is looked for
 * @param maxDisk what files, uploads and batches may take together
 * @param keys the SHA-256 of each key that opens the server, by the name of its owner; none: no key
 *     is asked for
 * @param ownKey with which Caravan's own pipelines come
 * @param open no key is asked for even where other machines reach the server
 * @param openProviders the providers that batches without a client's key may name
 * @param maxRequestsPerMinute of one key; 0 for any number
 * @param embeddingModel the name that the embedding model in the JVM answers to
 */
@Validated
@ConfigurationProperties(prefix = "caravan.server", ignoreUnknownFields = false)
public record ServerSettings(
    boolean enabled,
    @NotNull Path directory,
    @Positive int maxConcurrentBatches,
    @Positive int maxRequestsPerBatch,
    @NotNull DataSize maxLineSize,
    @NotNull Duration fileRetention,
    @DecimalMin("0") @DecimalMax("1") double maxShare,
    @NotNull @Pattern(regexp = QuietHours.TEXT, message = "must be like 22:00-06:00")
        String quietHours,
    @NotNull Duration progressInterval,
    @NotNull Duration batchRetention,
    @NotNull Duration cleaningInterval,
    @NotNull DataSize maxDisk,
    @DefaultValue Map<String, String> keys,
    @NotNull String ownKey,
    boolean open,
    @DefaultValue Set<String> openProviders,
    @PositiveOrZero int maxRequestsPerMinute,
    @NotBlank String embeddingModel) {

  public BatchShare share(Clock clock) {
    return new BatchShare(
        maxShare, quietHours.isEmpty() ? null : QuietHours.parse(quietHours), clock);
  }

  /** How long a file of that purpose lives; null: until it is deleted. */
  public @Nullable Duration lifetime(String purpose, @Nullable Duration asked) {
    return asked == null && purpose.equals(FileForm.BATCH) ? fileRetention : asked;
  }

  public int maxLineBytes() {
    return Math.toIntExact(maxLineSize.toBytes());
  }

  /** Never shows a key, nor what is known of one. */
  @Override
  public String toString() {
    return "ServerSettings[directory=%s, keys=%s]".formatted(directory, keys.keySet());
  }
}
