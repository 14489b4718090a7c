package io.caravan.job;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The way of a part's requests, and what became of those that are sent one by one.
 *
 * @param way in a batch, or the tier of its synchronous calls
 * @param cutShort why its batch is cancelled, or why there is none; null for a usual batch
 * @param callCost in millionths of a USD; null while unknown
 * @param callsRepeated calls that a killed process had sent without an answer
 */
@RecordBuilder
public record PartCalls(
    Way way, @Nullable CutShort cutShort, @Nullable Long callCost, long callsRepeated)
    implements PartCallsBuilder.With {
  /** In a batch. */
  public static final PartCalls BATCH = new PartCalls(Way.BATCH, null, null, 0);
}
