package io.caravan.server.store;

import java.time.Instant;

/** One part of an upload, as it was taken in. */
public record UploadPart(String id, String uploadId, Instant createdAt) {}
