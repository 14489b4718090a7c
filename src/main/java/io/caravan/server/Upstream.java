package io.caravan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.Answer.NotRun;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.util.StringUtils;

/** An OpenAI-compatible server that answers requests one by one. */
final class Upstream implements Backend, AutoCloseable {
  private final UpstreamSettings settings;
  private final Backoff backoff;
  private final Semaphore lane;
  private final HttpClient client;

  Upstream(UpstreamSettings settings, Clock clock) {
    this.settings = settings;
    this.backoff = new Backoff(settings.initialBackoff(), settings.maxBackoff(), clock);
    this.lane = new Semaphore(settings.maxConcurrency(), true);
    this.client =
        HttpClient.newBuilder()
            // an upgrade to HTTP/2 in clear text puts some servers off
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.connectTimeout())
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
  }

  @Override
  public Semaphore lane() {
    return lane;
  }

  @Override
  public Answer answer(Endpoint endpoint, ObjectNode body) throws InterruptedException {
    HttpRequest request =
        request(endpoint.path())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()))
            .build();
    long loadingUntil = System.nanoTime() + settings.loadingTimeout().toNanos();
    int failures = 0;
    for (int tries = 1; ; tries++) {
      Duration wait;
      try {
        UpstreamReply reply = send(request);
        boolean waitOut = reply.loading() && System.nanoTime() < loadingUntil;
        failures += waitOut ? 0 : 1;
        if (!reply.retryable() || failures >= settings.maxAttempts()) {
          return reply.toAnswer();
        }
        wait = backoff.beforeTry(tries, reply.headers());
      } catch (IOException e) {
        failures++;
        if (failures >= settings.maxAttempts()) {
          return broken(e);
        }
        wait = backoff.beforeTry(tries);
      }
      Thread.sleep(wait);
    }
  }

  /** The models it offers; one try, and a short one. */
  UpstreamReply models() throws IOException, InterruptedException {
    return send(request("/v1/models").timeout(settings.connectTimeout()).GET().build());
  }

  private HttpRequest.Builder request(String path) {
    URI address = settings.address(path);
    var request =
        HttpRequest.newBuilder(address)
            .timeout(settings.requestTimeout())
            .header("Accept", "application/json");
    if (StringUtils.hasText(settings.apiKey())) {
      request.header("Authorization", "Bearer " + settings.apiKey());
    }
    return request;
  }

  /** The client's own time-out ends with the headers; this one covers the body too. */
  private UpstreamReply send(HttpRequest request) throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<String>> response =
        client.sendAsync(request, BodyHandlers.ofString());
    long millis = request.timeout().orElse(settings.requestTimeout()).toMillis();
    try {
      return UpstreamReply.of(response.get(millis, TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("request timed out");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      response.cancel(true);
    }
  }

  private Answer broken(IOException e) {
    boolean slow = e instanceof HttpTimeoutException && !(e instanceof HttpConnectTimeoutException);
    return slow
        ? new NotRun(
            "request_timeout",
            "The upstream did not answer within %s, tried %d times."
                .formatted(settings.requestTimeout(), settings.maxAttempts()))
        : new NotRun(
            "upstream_unreachable",
            "No answer from %s: %s. Check that it runs and that CARAVAN_UPSTREAM_URL is right."
                .formatted(settings.url(), e));
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
