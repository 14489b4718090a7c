package io.caravan.server.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/**
 * How fast a batch goes at this moment.
 *
 * @param requestsPerSecond of about the last half minute
 * @param inFlight requests of it that are being answered
 * @param concurrency requests that its upstreams get at once, whosoever they are
 * @param retries tries beyond the first since it runs here
 * @param estimatedEndAt in seconds since 1970; null while there is nothing to reckon with
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record BatchPace(
    double requestsPerSecond,
    int inFlight,
    int concurrency,
    long retries,
    @Nullable Long estimatedEndAt) {}
