package io.caravan.workspace;

import io.caravan.disk.DiskReserve;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.HttpStatusCode;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/** The S3 objects below a prefix; names are keys without that prefix. */
final class JobObjects {
  private static final int MAX_PARTS = 10_000; // S3's limit for an upload
  private static final int NOT_MODIFIED = 304;
  private static final String EMPTY = "caravan-empty";
  private static final int MAX_DELETES = 1_000; // S3's limit for a call

  private final S3Calls calls;
  private final S3Location location;
  private final long partBytes;

  /**
   * @param partBytes larger files are uploaded in parts of this size; S3's minimum is 5 MB
   */
  JobObjects(Supplier<S3Client> client, S3Location location, long partBytes, Clock clock) {
    this.calls = new S3Calls(client, location, clock);
    this.location = location;
    this.partBytes = partBytes;
  }

  S3Calls calls() {
    return calls;
  }

  /**
   * Downloads an object to a new file, unless its ETag is the given one.
   *
   * @return the object's ETag; null if there is no such object
   */
  @Nullable String get(String name, @Nullable String etag, Path target) throws IOException {
    return calls.call(s3 -> {
      try {
        GetObjectResponse object =
            s3.getObject(
                it -> it.bucket(location.bucket()).key(key(name)).ifNoneMatch(etag),
                toFile(target));
        if (object.metadata().containsKey(EMPTY)) {
          truncate(target);
        }
        return object.eTag();
      } catch (S3Exception e) {
        if (e.statusCode() == NOT_MODIFIED) {
          return etag;
        }
        if (isAbsent(e)) {
          return null;
        }
        throw e;
      }
    });
  }

  /** Checks the free disk space before it writes the file. */
  private static ResponseTransformer<GetObjectResponse, GetObjectResponse> toFile(Path target) {
    return (object, content) -> {
      Long size = object.contentLength();
      DiskReserve.require(target, size == null ? 0 : size, DiskReserve.Use.WORK_IN_HAND);
      Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING); // of an earlier attempt
      return object;
    };
  }

  private static void truncate(Path file) {
    try {
      Files.write(file, new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isAbsent(S3Exception e) {
    return e.statusCode() == HttpStatusCode.NOT_FOUND
        && (e.awsErrorDetails() == null || !"NoSuchBucket".equals(e.awsErrorDetails().errorCode()));
  }

  /**
   * Uploads a file atomically, replacing any object of that name.
   *
   * @param fence runs right before the object becomes visible, and throws to stop that
   * @return the object's ETag
   */
  String put(String name, Path file, Runnable fence) throws IOException {
    long size = Files.size(file);
    if (size > partBytes) {
      return putInParts(key(name), file, size, fence);
    }
    fence.run();
    if (size == 0) {
      return putEmpty(key(name));
    }
    return calls.call(s3 ->
        s3.putObject(it -> it.bucket(location.bucket()).key(key(name)), RequestBody.fromFile(file))
            .eTag());
  }

  /** Stores an empty file as one byte with a marker, since Ceph rejects empty objects with 400. */
  private String putEmpty(String key) throws IOException {
    return calls.call(s3 ->
        s3.putObject(
                it -> it.bucket(location.bucket()).key(key).metadata(Map.of(EMPTY, "true")),
                RequestBody.fromString("\n"))
            .eTag());
  }

  private String putInParts(String key, Path file, long size, Runnable fence) throws IOException {
    String upload =
        calls.call(
            s3 -> s3.createMultipartUpload(it -> it.bucket(location.bucket()).key(key)).uploadId());
    try {
      var parts = new ArrayList<CompletedPart>();
      long length = Math.max(partBytes, (size + MAX_PARTS - 1) / MAX_PARTS);
      for (long from = 0; from < size; from += length) {
        parts.add(
            putPart(key, upload, parts.size() + 1, file, from, Math.min(length, size - from)));
      }
      fence.run();
      return calls.call(s3 ->
          s3.completeMultipartUpload(it ->
                  it.bucket(location.bucket())
                      .key(key)
                      .uploadId(upload)
                      .multipartUpload(all -> all.parts(parts)))
              .eTag());
    } catch (IOException | RuntimeException e) {
      abortAfter(e, key, upload);
      throw e;
    }
  }

  private CompletedPart putPart(
      String key, String upload, int number, Path file, long from, long length) throws IOException {
    RequestBody body =
        RequestBody.fromContentProvider(
            () -> slice(file, from, length), length, "application/octet-stream");
    UploadPartResponse part =
        calls.call(s3 ->
            s3.uploadPart(
                it -> it.bucket(location.bucket()).key(key).uploadId(upload).partNumber(number),
                body));
    return CompletedPart.builder()
        .partNumber(number)
        .eTag(part.eTag())
        .checksumCRC32(part.checksumCRC32())
        .build();
  }

  private static FileSlice slice(Path file, long from, long length) {
    try {
      return new FileSlice(file, from, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void abortAfter(Exception cause, String key, String upload) {
    try {
      abort(key, upload);
    } catch (IOException e) {
      cause.addSuppressed(e); // a sweep aborts it later
    }
  }

  private void abort(String key, String upload) throws IOException {
    calls.call(s3 ->
        s3.abortMultipartUpload(it -> it.bucket(location.bucket()).key(key).uploadId(upload)));
  }

  /** The first path segments of all names. */
  List<String> folders() throws IOException {
    return calls.call(s3 ->
        s3
            .listObjectsV2Paginator(
                it -> it.bucket(location.bucket()).prefix(location.prefix()).delimiter("/"))
            .commonPrefixes()
            .stream()
            .map(folder -> folder.prefix())
            .map(key -> key.substring(location.prefix().length(), key.length() - 1))
            .filter(name -> !name.startsWith(S3Location.FURTHER))
            .toList());
  }

  /** When an object in a folder was last modified. */
  Optional<Instant> lastModified(String folder) throws IOException {
    return calls.call(s3 -> list(s3, folder).map(S3Object::lastModified).max(Instant::compareTo));
  }

  private Stream<S3Object> list(S3Client s3, String folder) {
    return s3
        .listObjectsV2Paginator(it -> it.bucket(location.bucket()).prefix(key(folder + "/")))
        .contents()
        .stream();
  }

  /** Deletes all objects in a folder and aborts uploads to it. */
  void delete(String folder) throws IOException {
    List<ObjectIdentifier> keys =
        calls.call(s3 ->
            list(s3, folder)
                .map(object -> ObjectIdentifier.builder().key(object.key()).build())
                .toList());
    for (int from = 0; from < keys.size(); from += MAX_DELETES) {
      delete(keys.subList(from, Math.min(from + MAX_DELETES, keys.size())));
    }
    abortUploads(folder + "/", Instant.MAX);
  }

  /** Deletes an object, if it exists. */
  void deleteOne(String name) throws IOException {
    delete(List.of(ObjectIdentifier.builder().key(key(name)).build()));
  }

  private void delete(List<ObjectIdentifier> keys) throws IOException {
    DeleteObjectsResponse deleted =
        calls.call(s3 ->
            s3.deleteObjects(
                it -> it.bucket(location.bucket()).delete(all -> all.objects(keys).quiet(true))));
    if (deleted.hasErrors() && !deleted.errors().isEmpty()) {
      var first = deleted.errors().getFirst();
      throw new IOException(
          "%s%s cannot be deleted: %s"
              .formatted(
                  location,
                  String.valueOf(first.key()).substring(location.prefix().length()),
                  first.message()));
    }
  }

  /** Aborts uploads started before a time; only killed processes leave such uploads. */
  void abortUploads(String prefix, Instant before) throws IOException {
    List<MultipartUpload> uploads =
        calls.call(s3 ->
            s3
                .listMultipartUploadsPaginator(
                    it -> it.bucket(location.bucket()).prefix(key(prefix)))
                .uploads()
                .stream()
                .filter(upload -> upload.initiated().isBefore(before))
                .toList());
    for (MultipartUpload upload : uploads) {
      abort(upload.key(), upload.uploadId());
    }
  }

  private String key(String name) {
    return location.prefix() + name;
  }
}
