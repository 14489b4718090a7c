package io.caravan.s3;

import java.util.ArrayList;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** A multipart copy of a large object; S3 copies at most 5 GB in one request. */
final class CopyInParts {
  static final long LARGEST_COPY = 5L << 30;
  static final long PART = 1L << 30; // the largest object, 5 TB, takes half of the 10,000 parts

  private final S3Client client;
  private final long partSize;

  CopyInParts(S3Client client, long partSize) {
    this.client = client;
    this.partSize = partSize;
  }

  void copy(FoundObject object, String key) {
    String bucket = object.bucket();
    String upload = client.createMultipartUpload(it -> it.bucket(bucket).key(key)).uploadId();
    try {
      var parts = new ArrayList<CompletedPart>();
      for (long from = 0; from < object.size(); from += partSize) {
        parts.add(copy(object, key, upload, parts.size() + 1, from));
      }
      client.completeMultipartUpload(
          it -> it.bucket(bucket).key(key).uploadId(upload).multipartUpload(u -> u.parts(parts)));
    } catch (RuntimeException e) {
      client.abortMultipartUpload(it -> it.bucket(bucket).key(key).uploadId(upload));
      throw e;
    }
  }

  private CompletedPart copy(FoundObject object, String key, String upload, int part, long from) {
    long to = Math.min(from + partSize, object.size()) - 1;
    var copied =
        client.uploadPartCopy(it ->
            it.sourceBucket(object.bucket())
                .sourceKey(object.key())
                .copySourceIfMatch(object.condition())
                .copySourceRange("bytes=%d-%d".formatted(from, to))
                .destinationBucket(object.bucket())
                .destinationKey(key)
                .uploadId(upload)
                .partNumber(part));
    return CompletedPart.builder().partNumber(part).eTag(copied.copyPartResult().eTag()).build();
  }
}
