package io.caravan.job;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The input file of a job.
 *
 * @param source the original location, as shown to users
 * @param name the name relative to its inbox; outputs are named after it
 * @param sha256 hash of the file as it was dropped
 * @param arrival distinguishes a file that is read again after a crash from the same content
 *     dropped again
 * @param bytes size after decompression
 */
@RecordBuilder
public record JobFile(String source, String name, String sha256, String arrival, long bytes)
    implements JobFileBuilder.With {}
