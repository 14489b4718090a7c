package io.caravan.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

/** Speaks HTTP with the upstream, one try at a time. */
final class UpstreamClient implements AutoCloseable {
  private final UpstreamSettings settings;
  private final Optional<String> authorization;
  private final HttpClient client;

  UpstreamClient(UpstreamSettings settings) {
    this.settings = settings;
    this.authorization = authorization(settings.apiKey());
    this.client =
        HttpClient.newBuilder()
            // an upgrade to HTTP/2 in clear text puts some servers off
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.connectTimeout())
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
  }

  UpstreamReply post(String path, String body) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    return send(request.build(), settings.requestTimeout());
  }

  UpstreamReply get(String path, Duration timeout) throws IOException, InterruptedException {
    return send(request(path).GET().build(), timeout);
  }

  private HttpRequest.Builder request(String path) {
    URI address = settings.address(path);
    var request = HttpRequest.newBuilder(address).header("Accept", "application/json");
    authorization.ifPresent(value -> request.header("Authorization", value));
    return request;
  }

  /** The client's own time-out ends with the headers; this one covers the body too. */
  private UpstreamReply send(HttpRequest request, Duration timeout)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<String>> response =
        client.sendAsync(request, BodyHandlers.ofString());
    try {
      return UpstreamReply.of(response.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("request timed out");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      response.cancel(true);
    }
  }

  /** Checked here, for the client would quote the key when it refuses it. */
  private static Optional<String> authorization(@Nullable String apiKey) {
    if (!StringUtils.hasText(apiKey)) {
      return Optional.empty();
    }
    String key = apiKey.strip();
    if (key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException(
          "caravan.upstream.api-key has characters that no HTTP header takes.");
    }
    return Optional.of("Bearer " + key);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
