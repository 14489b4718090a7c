package io.caravan.server;

import java.time.Instant;

/** One part of an upload, as it was taken in. */
record UploadPart(String id, String uploadId, Instant createdAt) {}
