package io.caravan.s3;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Finds, reads, copies and deletes objects in buckets, each only while it is unchanged. */
public final class S3Objects {
  private static final int GONE = 404;
  private static final int CHANGED = 412;
  private static final int NOT_KNOWN = 501;

  private final S3Client client;
  private final CopyInParts inParts;
  private final long largestCopy;

  /** Objects that the client has access to. */
  public S3Objects(S3Client client) {
    this(client, CopyInParts.LARGEST_COPY);
  }

  S3Objects(S3Client client, long largestCopy) {
    this.client = client;
    this.inParts = new CopyInParts(client, Math.min(largestCopy, CopyInParts.PART));
    this.largestCopy = largestCopy;
  }

  /** Lists objects below a prefix, by page; each page is requested when it is needed. */
  public Stream<List<FoundObject>> pages(String bucket, String prefix) {
    return client
        .listObjectsV2Paginator(
            it -> it.bucket(bucket).prefix(prefix).encodingType(EncodingType.URL))
        .stream()
        .map(page ->
            page.contents().stream()
                .map(it ->
                    new FoundObject(bucket, it.key(), tag(it.eTag()), it.lastModified(), it.size()))
                .toList());
  }

  /** Some stores return no ETag; the time and size then identify the version. */
  private static String tag(@Nullable String eTag) {
    return eTag == null ? "" : eTag;
  }

  /** The object under a key, if there is one. */
  public Optional<FoundObject> find(String bucket, String key) {
    try {
      var head = client.headObject(it -> it.bucket(bucket).key(key));
      return Optional.of(
          new FoundObject(
              bucket, key, tag(head.eTag()), head.lastModified(), head.contentLength()));
    } catch (S3Exception e) {
      if (e.statusCode() == GONE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Reads this version only: the store answers 412 if it was overwritten, 404 if it is gone. */
  public static GetObjectRequest read(FoundObject object) {
    return GetObjectRequest.builder()
        .bucket(object.bucket())
        .key(object.key())
        .ifMatch(object.condition())
        .build();
  }

  /** Whether a failure says that an object is gone or overwritten. */
  public static boolean isGone(S3Exception failure) {
    return failure.statusCode() == CHANGED
        || (failure.statusCode() == GONE && !S3Problem.NO_BUCKET.equals(S3Problem.code(failure)));
  }

  private boolean isStillThere(FoundObject object) {
    return find(object.bucket(), object.key()).filter(object::isStill).isPresent();
  }

  /** Deletes an object unless it was overwritten; returns whether it was deleted. */
  public boolean delete(FoundObject object) {
    if (!isStillThere(object)) {
      return false;
    }
    try {
      client.deleteObject(
          it -> it.bucket(object.bucket()).key(object.key()).ifMatch(object.condition()));
      return true;
    } catch (S3Exception e) {
      if (isGone(e)) {
        return false;
      }
      if (e.statusCode() != NOT_KNOWN) {
        throw e;
      }
    }
    // unconditional: the version was checked just before
    client.deleteObject(it -> it.bucket(object.bucket()).key(object.key()));
    return true;
  }

  /** Copies an object in its bucket unless it was overwritten; returns whether it was copied. */
  public boolean copy(FoundObject object, String key) {
    try {
      if (object.size() > largestCopy) {
        inParts.copy(object, key);
      } else {
        client.copyObject(it ->
            it.sourceBucket(object.bucket())
                .sourceKey(object.key())
                .copySourceIfMatch(object.condition())
                .destinationBucket(object.bucket())
                .destinationKey(key));
      }
      return true;
    } catch (S3Exception e) {
      if (!isGone(e)) {
        throw e;
      }
      if (isStillThere(object)) {
        throw SdkException.create(
            "it exists, but the store refuses to copy it: %d %s. The store does not support this name; use other names, or DELETE or LEAVE in the pipeline."
                .formatted(e.statusCode(), S3Problem.code(e)),
            null);
      }
      return false;
    }
  }
}
