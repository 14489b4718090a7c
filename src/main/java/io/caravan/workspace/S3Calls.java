package io.caravan.workspace;

import io.caravan.s3.S3Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;

/** Calls S3; failures become one-line messages with the location and the reason. */
final class S3Calls {
  /** How long the outcome of the last call or check is reused. */
  private static final Duration BELIEVED = Duration.ofSeconds(10);

  private final Supplier<S3Client> client;
  private final S3Location location;
  private final Clock clock;
  private volatile Instant wellAt = Instant.EPOCH;
  private volatile Failed failed = new Failed(Instant.EPOCH, "", null);

  private record Failed(Instant at, String why, @Nullable Throwable cause) {}

  S3Calls(Supplier<S3Client> client, S3Location location, Clock clock) {
    this.client = client;
    this.location = location;
    this.clock = clock;
  }

  /** Makes one call, or several that belong together. */
  <T> T call(Function<S3Client, T> call) throws WorkspaceException {
    try {
      T answer = call.apply(client.get());
      wellAt = clock.instant();
      return answer;
    } catch (SdkException e) {
      String why = S3Problem.of(e).orElseGet(() -> why(e));
      failed = new Failed(clock.instant(), why, e);
      throw new WorkspaceException(message(why), e);
    }
  }

  /** Checks that the bucket responds; reuses a recent outcome. */
  void check() throws WorkspaceException {
    Instant since = clock.instant().minus(BELIEVED);
    Failed last = failed;
    if (last.at().isAfter(wellAt) && last.at().isAfter(since)) {
      throw new WorkspaceException(message(last.why()), last.cause());
    }
    if (!wellAt.isAfter(since)) {
      look();
    }
  }

  /** Lists one key, which needs list permission only. */
  void look() throws WorkspaceException {
    call(s3 ->
        s3.listObjectsV2(it -> it.bucket(location.bucket()).prefix(location.prefix()).maxKeys(1)));
  }

  private String message(String why) {
    return "the workspace %s cannot be used: %s".formatted(location, why);
  }

  /** The error that S3 returned, or why the call failed. */
  static String why(SdkException e) {
    if (e instanceof AwsServiceException answer) {
      var details = answer.awsErrorDetails();
      String said = details == null ? null : details.errorMessage();
      String code = details == null ? null : details.errorCode();
      String words = said == null || said.isBlank() ? code : said;
      return "HTTP %d%s".formatted(answer.statusCode(), words == null ? "" : " " + words);
    }
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no answer");
  }
}
