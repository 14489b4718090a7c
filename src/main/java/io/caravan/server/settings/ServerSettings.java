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
 * @param enabled whether the Files and Batch API is served
 * @param directory folder of files and batches; with PostgreSQL, only of working copies
 * @param maxConcurrentBatches batches run at the same time; the others wait in {@code validating}
 * @param maxRequestsPerBatch maximum number of requests in one input file
 * @param maxLineSize maximum size of a line of an input file
 * @param fileRetention how long batch files are kept unless their upload sets an expiry
 * @param maxShare share of a backend that batches may use, from 0 to 1; the rest is reserved for
 *     interactive requests
 * @param quietHours when batches may use all of it, such as {@code 22:00-06:00}; empty for never
 * @param progressInterval how often the progress of a running batch is logged
 * @param batchRetention how long ended batches are kept
 * @param cleaningInterval how often expired data is deleted
 * @param maxDisk maximum total size of files, uploads and batches
 * @param keys SHA-256 hash of each accepted key, by the name of its owner; if empty, no key is
 *     required
 * @param ownKey the key that Caravan's own pipelines send
 * @param open whether no key is required even if other machines can reach the server
 * @param openProviders providers that batches without a client's key may use
 * @param maxRequestsPerMinute rate limit of each key; 0 for no limit
 * @param embeddingModel model name under which the embedding model in the JVM is served
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

  /** How long a file of that purpose is kept; null: until it is deleted. */
  public @Nullable Duration lifetime(String purpose, @Nullable Duration asked) {
    return asked == null && purpose.equals(FileForm.BATCH) ? fileRetention : asked;
  }

  public int maxLineBytes() {
    return Math.toIntExact(maxLineSize.toBytes());
  }

  /** Contains neither keys nor their hashes. */
  @Override
  public String toString() {
    return "ServerSettings[directory=%s, keys=%s]".formatted(directory, keys.keySet());
  }
}
