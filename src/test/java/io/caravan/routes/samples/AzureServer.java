package io.caravan.routes.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.TestCaravan;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Azure Blob Storage, by Azurite of Microsoft, which {@code .ci/run} installs. */
final class AzureServer implements AutoCloseable {
  static final Path AZURITE =
      Path.of("target/azurite/node_modules/azurite/dist/src/blob/main.js").toAbsolutePath();

  private static final String ACCOUNT = "carrier";
  private static final String KEY = Base64.getEncoder().encodeToString("a key".getBytes(UTF_8));
  private static final Pattern NAME = Pattern.compile("<Name>([^<]+)</Name>");

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = TestCaravan.freePort();
  private final Process process;

  AzureServer(Path folder) throws IOException {
    Path output = Files.createTempFile(folder, "azurite-", ".txt");
    var builder =
        new ProcessBuilder(
            "node",
            AZURITE.toString(),
            "--blobPort=" + port,
            "--location=" + folder.resolve("azurite"),
            "--silent",
            "--skipApiVersionCheck",
            "--disableTelemetry");
    builder.environment().put("AZURITE_ACCOUNTS", ACCOUNT + ":" + KEY);
    process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    await()
        .until(() -> {
          assertThat(process.isAlive()).as(Files.readString(output)).isTrue();
          return Files.readString(output).contains("successfully listen");
        });
  }

  String connection() {
    return "DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=%s;"
        .formatted(ACCOUNT, KEY, url(""));
  }

  void createContainer(String name) throws Exception {
    send("PUT", name + "?restype=container", "");
  }

  void put(String container, String name, String text) throws Exception {
    send("PUT", container + "/" + name + "?", text);
  }

  String get(String container, String name) throws Exception {
    return send("GET", container + "/" + name + "?", "");
  }

  /** The names of the blobs in a container. */
  List<String> names(String container) throws Exception {
    return NAME.matcher(send("GET", container + "?restype=container&comp=list", ""))
        .results()
        .map(it -> it.group(1))
        .toList();
  }

  private String send(String method, String path, String text) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(url("/" + path + "&" + signature())))
            .header("x-ms-blob-type", "BlockBlob")
            .method(method, BodyPublishers.ofString(text))
            .build();
    var response = http.send(request, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
    return response.body();
  }

  private String url(String path) {
    return "http://127.0.0.1:%d/%s%s".formatted(port, ACCOUNT, path);
  }

  /** A shared access signature for everything in the account. */
  private static String signature() throws GeneralSecurityException {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(Base64.getDecoder().decode(KEY), "HmacSHA256"));
    String text = ACCOUNT + "\nrwlac\nb\nsco\n\n2099-01-01T00:00:00Z\n\n\n2018-11-09\n";
    String signature = Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(UTF_8)));
    return "sv=2018-11-09&ss=b&srt=sco&sp=rwlac&se=2099-01-01T00:00:00Z&sig="
        + URLEncoder.encode(signature, UTF_8);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    http.close();
  }
}
