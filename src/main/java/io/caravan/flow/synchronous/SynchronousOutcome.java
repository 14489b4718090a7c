package io.caravan.flow.synchronous;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What became of an order's requests, including those of earlier processes. Every request is
 * answered, refused or unanswered.
 *
 * @param answered requests with a result in the answers' file
 * @param refused requests with a final error there
 * @param unanswered all others, which are not in the file
 * @param repeated calls that were in flight when a process was killed or a run was stopped; their
 *     requests were sent again, and the calls count as reserved
 * @param outOfMoney whether the gate held requests back, or a price was unknown
 * @param late whether the time held requests back
 * @param cost in USD; calls with an unclear end count as much as was reserved for them
 * @param unpriced answers whose price is unknown
 * @param lastProblem why requests are unanswered, if not by money or time alone; null if none is
 */
public record SynchronousOutcome(
    long answered,
    long refused,
    long unanswered,
    long repeated,
    boolean outOfMoney,
    boolean late,
    BigDecimal cost,
    long unpriced,
    @Nullable String lastProblem) {}
