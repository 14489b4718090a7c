package io.caravan.s3;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3ProblemTest {
  @Test
  void namesTheSettingForChecksums() {
    assertThat(text(400, "XAmzContentSHA256Mismatch", ""))
        .contains("(XAmzContentSHA256Mismatch)", "CARAVAN_S3_CHECKSUMS=when_required");
  }

  @Test
  void showsTheWordsOfTheStore() {
    for (int status : new int[] {301, 400, 403, 409, 500, 503}) {
      assertThat(text(status, "Odd", " the disk is full ")).contains("(Odd: the disk is full)");
      assertThat(text(status, "Odd", null)).contains("(Odd)");
    }
  }

  private static String text(int status, String code, @Nullable String message) {
    var details = AwsErrorDetails.builder().errorCode(code).errorMessage(message).build();
    return S3Problem.of(S3Exception.builder().statusCode(status).awsErrorDetails(details).build())
        .orElseThrow();
  }
}
