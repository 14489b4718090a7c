package io.caravan.s3;

import io.caravan.s3.S3Properties.Checksums;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A real S3 server on loopback that checks signatures and keeps objects in a folder. */
public final class S3Server implements AutoCloseable {
  /** The access key that it accepts. */
  public static final String ACCESS_KEY = "caravan-tests";

  /** The secret of that key. */
  public static final String SECRET_KEY = "not-a-secret";

  /** S3Proxy writes an object beside its place, under a name that its own listing shows. */
  private static final Pattern TEMPORARY =
      Pattern.compile("-\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}$");

  private final S3Proxy proxy;
  private final S3Client client;

  private S3Server(S3Proxy proxy) {
    this.proxy = proxy;
    this.client =
        S3Access.builder(new S3Properties(endpoint(), true, Checksums.WHEN_SUPPORTED))
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY)))
            .build();
  }

  /** Starts a server that keeps objects in the folder. */
  public static S3Server start(Path folder) throws IOException {
    return start(folder, 0);
  }

  /** Starts a server on a given port, so that it can be stopped and started again. */
  public static S3Server start(Path folder, int port) throws IOException {
    S3Proxy proxy =
        S3Proxy.builder()
            .blobStore(new FilesystemNio2BlobStore(Files.createDirectories(folder).toString()))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
            .endpoint(URI.create("http://127.0.0.1:" + port))
            .ignoreUnknownHeaders(true)
            .build();
    try {
      proxy.start();
    } catch (Exception e) {
      throw new IOException("the S3 server does not start", e);
    }
    return new S3Server(proxy);
  }

  /** Runs a server for manual tests; arguments: folder, port and buckets. */
  public static void main(String[] arguments) throws Exception {
    try (S3Server server = start(Path.of(arguments[0]), Integer.parseInt(arguments[1]))) {
      for (int i = 2; i < arguments.length; i++) {
        Files.createDirectories(Path.of(arguments[0], arguments[i])); // may exist
      }
      System.out.println(server.environment());
      Thread.currentThread().join();
    }
  }

  /** The URL of the server. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + proxy.getPort());
  }

  /** A client for the test itself. */
  public S3Client client() {
    return client;
  }

  /** The environment variables of a process that uses the server. */
  public Map<String, String> environment() {
    return Map.of(
        "CARAVAN_S3_ENDPOINT", endpoint().toString(),
        "AWS_ACCESS_KEY_ID", ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY", SECRET_KEY);
  }

  /** Makes a bucket. */
  public S3Server with(String bucket) {
    client.createBucket(it -> it.bucket(bucket));
    return this;
  }

  /** Writes an object. */
  public void put(String bucket, String key, String content) {
    client.putObject(it -> it.bucket(bucket).key(key), RequestBody.fromString(content));
  }

  /** An object's content. */
  public String get(String bucket, String key) {
    ResponseBytes<?> bytes = client.getObjectAsBytes(it -> it.bucket(bucket).key(key));
    return new String(bytes.asByteArray(), StandardCharsets.UTF_8);
  }

  /** All keys of a bucket with that prefix, without those of objects that are being written. */
  public List<String> keys(String bucket, String prefix) {
    return client.listObjectsV2Paginator(it -> it.bucket(bucket).prefix(prefix)).contents().stream()
        .map(S3Object::key)
        .filter(key -> !TEMPORARY.matcher(key).find())
        .toList();
  }

  /** Stops the server. */
  public void stop() throws IOException {
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new IOException("the S3 server does not stop", e);
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
    stop();
  }
}
