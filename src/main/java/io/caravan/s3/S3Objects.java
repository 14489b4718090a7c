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

/** Objects in buckets: looked for, and let go of only while they are what they were. */
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

  /** What lies below a prefix, a page at a time, each when it is asked for. */
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

  /** Some stores know none, and then the time and the size have to do. */
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

  /** Reads this very object; refused with 412 once it is overwritten, with 404 once it is gone. */
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

  /** Deletes an object unless it was overwritten; whether that was not so. */
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
    client.deleteObject(
        it -> it.bucket(object.bucket()).key(object.key())); // it was just looked at
    return true;
  }

  /** Copies an object within its bucket unless it was overwritten; whether that was not so. */
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
            "it is there, but for a copy of it the store answers %d %s. It does not take this name; use other ones, or DELETE or LEAVE in the pipeline."
                .formatted(e.statusCode(), S3Problem.code(e)),
            null);
      }
      return false;
    }
  }
}
