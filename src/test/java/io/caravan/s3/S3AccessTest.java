package io.caravan.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.s3.S3Properties.Checksums;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3AccessTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void reachesAnotherStore(Checksums checksums) throws Exception {
    try (var server = S3Server.start(folder).with("bucket");
        var client =
            S3Access.builder(new S3Properties(server.endpoint(), null, checksums))
                .credentialsProvider(keys(S3Server.SECRET_KEY))
                .build()) {
      client.putObject(it -> it.bucket("bucket").key("a b/ü"), RequestBody.fromString("content"));

      assertThat(server.keys("bucket", "")).containsExactly("a b/ü");
      assertThat(server.get("bucket", "a b/ü")).isEqualTo("content");
    }
  }

  @Test
  void serverChecksSignatures() throws Exception {
    try (var server = S3Server.start(folder).with("bucket");
        var client =
            S3Access.builder(new S3Properties(server.endpoint(), null, Checksums.WHEN_SUPPORTED))
                .credentialsProvider(keys("another"))
                .build()) {
      assertThatThrownBy(() -> client.listObjectsV2(it -> it.bucket("bucket")))
          .isInstanceOf(S3Exception.class)
          .hasMessageContaining("403");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ceph.example.com", "ftp://ceph.example.com", "http:///bucket"})
  void rejectsInvalidEndpoints(String endpoint) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new S3Properties(URI.create(endpoint), null, Checksums.WHEN_SUPPORTED))
        .withMessageContaining("CARAVAN_S3_ENDPOINT");
  }

  private static StaticCredentialsProvider keys(String secret) {
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(S3Server.ACCESS_KEY, secret));
  }
}
