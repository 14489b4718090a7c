package io.caravan.s3;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/** One-line messages for failures of S3: what went wrong, and what to do. */
public final class S3Problem {
  static final String NO_BUCKET = "NoSuchBucket";

  private static final Set<String> WRONG_KEYS =
      Set.of(
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "ExpiredToken",
          "InvalidToken",
          "InvalidClientTokenId");

  private S3Problem() {}

  /** Empty when neither the failure nor one of its causes comes from S3. */
  public static Optional<String> of(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof SdkException sdk) {
        return Optional.of(text(sdk));
      }
    }
    return Optional.empty();
  }

  /** The error code of the store, or else the HTTP status. */
  static String code(AwsServiceException failure) {
    AwsErrorDetails details = failure.awsErrorDetails();
    String code = details == null ? null : details.errorCode();
    return code == null || code.isBlank() ? String.valueOf(failure.statusCode()) : code;
  }

  private static String text(SdkException failure) {
    return failure instanceof AwsServiceException service
        ? refused(service)
        : unreachable(String.valueOf(failure.getMessage()), failure);
  }

  private static String refused(AwsServiceException failure) {
    String code = code(failure);
    if (code.equals(NO_BUCKET)) {
      return "there is no such bucket. Create it, or correct its name.";
    }
    if (WRONG_KEYS.contains(code)) {
      return "the credentials are refused (%s). Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role."
          .formatted(code);
    }
    return switch (failure.statusCode()) {
      case 403 ->
          "access is refused (%s). Give the credentials the permissions that src/docs/s3.md lists."
              .formatted(said(failure));
      case 301, 307 ->
          "the request is refused (%s). Is the bucket in another region? Set AWS_REGION."
              .formatted(said(failure));
      case 400 ->
          "the request is refused (%s). If the store is not AWS, it may not support the checksums that are sent: set CARAVAN_S3_CHECKSUMS=when_required. If it is, the bucket may be in another region: set AWS_REGION."
              .formatted(said(failure));
      default -> "the store answers %d (%s)".formatted(failure.statusCode(), said(failure));
    };
  }

  /** The store's own words: its code, and its message if it sends one. */
  private static String said(AwsServiceException failure) {
    AwsErrorDetails details = failure.awsErrorDetails();
    String message = details == null ? null : details.errorMessage();
    return message == null || message.isBlank()
        ? code(failure)
        : code(failure) + ": " + message.strip();
  }

  private static String unreachable(String message, SdkException failure) {
    if (message.contains("Unable to load credentials")) {
      return "there are no AWS credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role gives them.";
    }
    if (message.contains("Unable to load region")) {
      return "there is no AWS region. Set AWS_REGION.";
    }
    return failure instanceof SdkClientException
        ? "the store cannot be reached: " + root(failure)
        : message;
  }

  private static String root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return Objects.requireNonNullElse(root.getMessage(), root.getClass().getSimpleName());
  }
}
