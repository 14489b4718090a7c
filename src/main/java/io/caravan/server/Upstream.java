package io.caravan.server;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An OpenAI-compatible server that answers requests one by one, asked again when that may help. */
final class Upstream implements Backend, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Upstream.class);

  /** What took too long, or broke the server, does so again. */
  private static final int FEW_ATTEMPTS = 2;

  private final UpstreamServer server;
  private final UpstreamSettings settings;
  private final UpstreamClient client;
  private final Backoff backoff;
  private final AdaptiveLimit limit;
  private final Outage outage;
  private final UpstreamMetrics metrics;
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile boolean joins = true;

  Upstream(UpstreamServer server, UpstreamSettings settings, Clock clock, MeterRegistry meters) {
    this.server = server;
    this.settings = settings;
    this.client = new UpstreamClient(server, settings.connectTimeout(), settings.requestTimeout());
    this.backoff = new Backoff(settings.initialBackoff(), settings.maxBackoff(), clock);
    this.limit =
        new AdaptiveLimit(
            server.name(),
            server.minConcurrency(),
            server.maxConcurrency(),
            settings.latencyTolerance(),
            System::nanoTime);
    this.outage = new Outage(server, settings.loadingTimeout(), System::nanoTime);
    this.metrics = new UpstreamMetrics(server.name(), meters, inFlight, limit);
  }

  @Override
  public String name() {
    return server.name();
  }

  UpstreamServer server() {
    return server;
  }

  @Override
  public int concurrency() {
    return outage.pausing() ? 0 : limit.current();
  }

  @Override
  public int mostJoined() {
    return joins ? settings.embeddingRequests() : 1;
  }

  @Override
  public void joinNoMore() {
    joins = false;
    log.info("upstream={} takes no joined embeddings requests, and gets them one by one", name());
  }

  @Override
  public Answer answer(Endpoint endpoint, JsonBytes body, Call call) throws InterruptedException {
    UpstreamReply before = null;
    int failures = 0;
    for (int tries = 1; ; tries++) {
      Duration wait;
      try {
        UpstreamReply reply = post(endpoint, body, call);
        boolean waitOut = reply.loading() && call.patient() && outage.goesOn("loads its model");
        failures += waitOut ? 0 : 1;
        if (!reply.retryable() || reply.repeats(before) || failures >= settings.maxAttempts()) {
          return reply.toAnswer();
        }
        before = reply;
        wait = backoff.beforeTry(tries, reply::header);
        if (reply.overload()) {
          outage.pause(backoff.asked(reply::header));
        }
        metrics.retried(String.valueOf(reply.status()));
      } catch (IOException e) {
        boolean slow = slow(e);
        boolean waitOut = !slow && call.patient() && outage.goesOn("cannot be reached: " + e);
        failures += waitOut ? 0 : 1;
        if (failures
            >= (slow ? Math.min(FEW_ATTEMPTS, settings.maxAttempts()) : settings.maxAttempts())) {
          return broken(e, failures);
        }
        wait = backoff.beforeTry(tries);
        metrics.retried(slow ? "time-out" : "connection");
      }
      call.retried();
      call.pause(wait);
    }
  }

  /** One try, whose outcome decides how many are sent at once from now on. */
  private UpstreamReply post(Endpoint endpoint, JsonBytes body, Call call)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    int now = inFlight.incrementAndGet();
    try {
      UpstreamReply reply = client.post(endpoint, body, settings.requestTimeout(), call);
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      if (reply.overload()) {
        limit.overloaded("it answered " + reply.status());
      } else if (reply.good()) {
        outage.over();
        limit.answered(time, reply.json().map(Usage::in).map(Usage::output).orElse(0L), now);
      }
      metrics.answered(reply.status(), time);
      return reply;
    } catch (IOException e) {
      limit.overloaded(e.toString());
      metrics.broken(Duration.ofNanos(System.nanoTime() - start));
      throw e;
    } finally {
      inFlight.decrementAndGet();
    }
  }

  /** The models it offers; one try, and a short one. */
  UpstreamReply models() throws IOException, InterruptedException {
    return client.get("/v1/models", settings.connectTimeout());
  }

  private static boolean slow(IOException e) {
    return e instanceof SocketTimeoutException && !(e instanceof ConnectTimeoutException);
  }

  private Answer broken(IOException e, int tries) {
    return slow(e)
        ? new Answer.NotRun(
            "request_timeout",
            "The upstream did not answer within %s, tried %d times."
                .formatted(settings.requestTimeout(), tries))
        : new Answer.NotRun(
            "upstream_unreachable",
            "No answer from %s: %s. Check that it runs and that CARAVAN_UPSTREAM_URL is right."
                .formatted(server.host(), e));
  }

  @Override
  public void close() {
    client.close();
  }
}
