package io.caravan.server.store;

import java.time.Instant;

/** One stored part of an upload. */
public record UploadPart(String id, String uploadId, Instant createdAt) {}
