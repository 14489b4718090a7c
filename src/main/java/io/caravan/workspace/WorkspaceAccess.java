package io.caravan.workspace;

import io.caravan.disk.PrivateFolder;
import io.caravan.job.CannotStartException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Creates the storage that the settings select, and checks at startup that it can be used. */
public record WorkspaceAccess(WorkspaceProperties properties, Path data, Clock clock) {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceAccess.class);
  private static final DataSize UPLOAD_PART = DataSize.ofMegabytes(64);

  /** Creates the storage, in S3 or in a folder, without accessing it. */
  public WorkspaceStorage storage(Supplier<S3Client> s3) {
    return properties.url().isBlank()
        ? new FolderStorage(data.resolve("workspace"), clock)
        : inS3(S3Location.of(properties.url()), s3);
  }

  /** Creates a further storage, below a name in the same bucket or in the given folder. */
  public WorkspaceStorage further(String name, Path folder, Supplier<S3Client> s3)
      throws IOException {
    return properties.url().isBlank()
        ? new FolderStorage(PrivateFolder.create(folder), clock)
        : inS3(S3Location.of(properties.url()).further(name), s3);
  }

  private S3Storage inS3(S3Location location, Supplier<S3Client> s3) {
    return new S3Storage(
        location,
        new JobObjects(s3, location, UPLOAD_PART.toBytes(), clock),
        new Scratch(data.resolve("scratch")),
        properties.keepCopies(),
        clock);
  }

  /**
   * Creates and checks the storage for a service; an unavailable S3 is only logged.
   *
   * @throws CannotStartException when retrying would not help
   */
  public WorkspaceStorage started(Supplier<S3Client> s3) throws IOException {
    WorkspaceStorage storage = storage(s3);
    PrivateFolder.create(storage.root());
    try {
      storage.check();
    } catch (WorkspaceException e) {
      refuse(storage, e);
      LOG.warn("{}. Steps are retried.", e.getMessage());
    }
    return storage;
  }

  private static void refuse(WorkspaceStorage storage, WorkspaceException e) {
    switch (e.getCause()) {
      case S3Exception answer when answer.statusCode() < 500 ->
          throw new CannotStartException(
              "The workspace %s cannot be used: %s.".formatted(storage, S3Calls.why(answer)),
              what(answer.statusCode()));
      case SdkClientException settings when !isConnection(settings) ->
          throw new CannotStartException(
              "The workspace %s cannot be used: %s.".formatted(storage, S3Calls.why(settings)),
              "Set AWS_REGION (or CARAVAN_S3_ENDPOINT), and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role.");
      case null, default -> {}
    }
  }

  private static boolean isConnection(SdkException e) {
    return e.retryable() || e.getCause() instanceof IOException;
  }

  private static String what(int status) {
    return switch (status) {
      case 301, 307, 400 ->
          "Set AWS_REGION to the region of the bucket, and check CARAVAN_S3_ENDPOINT.";
      case 404 -> "Create the bucket, or correct CARAVAN_WORKSPACE_URL.";
      default ->
          "Correct the keys, or allow them to list, get, put and delete objects (s3:ListBucket,"
              + " s3:ListBucketMultipartUploads, s3:GetObject, s3:PutObject, s3:DeleteObject,"
              + " s3:AbortMultipartUpload).";
    };
  }
}
