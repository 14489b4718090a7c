package io.caravan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.Answer.NotRun;
import java.io.IOException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/** An OpenAI-compatible server that answers requests one by one, asked again when that may help. */
final class Upstream implements Backend, AutoCloseable {
  private final UpstreamSettings settings;
  private final String host;
  private final UpstreamClient client;
  private final Backoff backoff;
  private final Semaphore lane;

  Upstream(UpstreamSettings settings, Clock clock) {
    this.settings = settings;
    this.host = settings.host();
    this.client = new UpstreamClient(settings);
    this.backoff = new Backoff(settings.initialBackoff(), settings.maxBackoff(), clock);
    this.lane = new Semaphore(settings.maxConcurrency(), true);
  }

  @Override
  public Semaphore lane() {
    return lane;
  }

  @Override
  public Answer answer(Endpoint endpoint, ObjectNode body) throws InterruptedException {
    String json = body.toString();
    long loadingUntil = System.nanoTime() + settings.loadingTimeout().toNanos();
    int failures = 0;
    for (int tries = 1; ; tries++) {
      Duration wait;
      try {
        UpstreamReply reply = client.post(endpoint.path(), json);
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
    return client.get("/v1/models", settings.connectTimeout());
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
                .formatted(host, e));
  }

  @Override
  public void close() {
    client.close();
  }
}
