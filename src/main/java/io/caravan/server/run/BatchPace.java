package io.caravan.server.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/**
 * The current throughput of a running batch.
 *
 * @param requestsPerSecond average over about the last 30 s
 * @param inFlight its calls in flight; joined requests are one call
 * @param concurrency concurrent requests that its backends take, from all batches
 * @param retries retries since it started running here
 * @param estimatedEndAt Unix time in seconds; null while no requests are answered
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record BatchPace(
    double requestsPerSecond,
    int inFlight,
    int concurrency,
    long retries,
    @Nullable Long estimatedEndAt) {}
