package io.caravan.call;

import java.time.Duration;

/**
 * The limits of calls to an upstream.
 *
 * @param latencyTolerance multiple of the best response time above which concurrency is reduced
 * @param connectTimeout timeout for opening a connection
 * @param requestTimeout timeout for the complete answer
 * @param maxAttempts attempts per request in total
 * @param initialBackoff delay before the second attempt; doubles with each attempt
 * @param maxBackoff maximum delay between two attempts, whatever {@code Retry-After} says
 * @param patience how long to wait for a server that loads its model or is unreachable, without
 *     counting attempts
 */
public record CallSettings(
    double latencyTolerance,
    Duration connectTimeout,
    Duration requestTimeout,
    int maxAttempts,
    Duration initialBackoff,
    Duration maxBackoff,
    Duration patience) {}
