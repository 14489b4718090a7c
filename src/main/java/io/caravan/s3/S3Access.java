package io.caravan.s3;

import java.net.URI;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Creates the S3 client that the routes and the workspace share. */
public final class S3Access {
  private S3Access() {}

  /**
   * Creates a client from the settings; keys and region come from the sources that AWS's tools use.
   */
  public static S3Client client(S3Properties properties) {
    return builder(properties).build();
  }

  static S3ClientBuilder builder(S3Properties properties) {
    S3ClientBuilder client =
        S3Client.builder()
            .forcePathStyle(properties.inPath())
            .requestChecksumCalculation(
                RequestChecksumCalculation.fromValue(properties.checksums().name()))
            .responseChecksumValidation(
                ResponseChecksumValidation.fromValue(properties.checksums().name()));
    URI endpoint = properties.endpoint();
    if (endpoint != null) {
      client.endpointOverride(endpoint).region(regionOfAnotherStore());
    }
    return client;
  }

  /** As {@link #client(S3Properties)}, for a process without the service's beans. */
  public static S3Client client(Environment settings) {
    return client(Binder.get(settings).bind("caravan.s3", S3Properties.class).get());
  }

  /** Most other stores ignore the region; the EC2 metadata service is not asked for it. */
  private static Region regionOfAnotherStore() {
    try {
      return new AwsRegionProviderChain(
              new SystemSettingsRegionProvider(), new AwsProfileRegionProvider())
          .getRegion();
    } catch (SdkClientException e) {
      return Region.US_EAST_1;
    }
  }
}
