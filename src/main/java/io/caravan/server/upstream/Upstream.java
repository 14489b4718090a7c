package io.caravan.server.upstream;

import io.caravan.server.backend.Backend;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.Call;
import io.caravan.server.settings.UpstreamServer;
import io.caravan.server.settings.UpstreamSettings;
import io.caravan.server.wire.BatchUsage;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.JsonBytes;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An OpenAI-compatible server that runs single requests, with retries and adaptive concurrency. */
public final class Upstream implements Backend, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Upstream.class);

  /** Attempts after a timeout: a request that timed out will probably time out again. */
  private static final int FEW_ATTEMPTS = 2;

  private final UpstreamServer server;
  private final UpstreamSettings settings;
  private final UpstreamClient client;
  private final RetryDelay backoff;
  private final AdaptiveLimit limit;
  private final UpstreamOutage outage;
  private final UpstreamMetrics metrics;
  private final UpstreamTries tries;
  private volatile boolean joins = true;

  public Upstream(
      UpstreamServer server,
      UpstreamSettings settings,
      EventLoopGroup loops,
      Clock clock,
      MeterRegistry meters) {
    this.server = server;
    this.settings = settings;
    this.client =
        new UpstreamClient(server, loops, settings.connectTimeout(), settings.requestTimeout());
    this.backoff = new RetryDelay(settings.initialBackoff(), settings.maxBackoff(), clock);
    this.limit =
        new AdaptiveLimit(
            server.name(),
            server.minConcurrency(),
            server.maxConcurrency(),
            settings.latencyTolerance(),
            System::nanoTime);
    this.outage = new UpstreamOutage(server, settings.loadingTimeout(), System::nanoTime);
    this.tries = new UpstreamTries(loops, limit::current);
    this.metrics = new UpstreamMetrics(server.name(), meters, tries, limit);
  }

  @Override
  public String name() {
    return server.name();
  }

  public UpstreamServer server() {
    return server;
  }

  @Override
  public int concurrency() {
    return outage.pausing() ? 0 : limit.current();
  }

  /** Requests waiting for a retry free their slots, up to {@code maxConcurrency} of them. */
  @Override
  public int rooms() {
    return outage.pausing()
        ? 0
        : limit.current() + Math.min(tries.waiting().get(), server.maxConcurrency());
  }

  @Override
  public int mostJoined() {
    return joins ? settings.embeddingRequests() : 1;
  }

  @Override
  public void joinNoMore() {
    joins = false;
    log.info("upstream={} rejects joined embeddings requests; sending them one by one", name());
  }

  @Override
  public CompletableFuture<BackendAnswer> answer(Endpoint endpoint, JsonBytes body, Call call) {
    var attempts = new Attempts(endpoint, body, call);
    tries.begin(attempts::next);
    return attempts.answer;
  }

  /** Lists the models of the upstream: one attempt with the connect timeout, no retries. */
  public CompletableFuture<UpstreamReply> models() {
    return client.get("/v1/models", settings.connectTimeout());
  }

  private static boolean slow(IOException e) {
    return e instanceof SocketTimeoutException;
  }

  @Override
  public void close() {
    client.close();
  }

  /** The attempts of one request. */
  private final class Attempts {
    private final Endpoint endpoint;
    private final JsonBytes body;
    private final Call call;
    private final CompletableFuture<BackendAnswer> answer = new CompletableFuture<>();
    private @Nullable UpstreamReply before;
    private int made;
    private int failures;

    Attempts(Endpoint endpoint, JsonBytes body, Call call) {
      this.endpoint = endpoint;
      this.body = body;
      this.call = call;
    }

    /** Sends the request; run by {@link UpstreamTries}, which counts it as in flight. */
    void next() {
      made++;
      long start = System.nanoTime();
      int now = tries.onTheirWay().get();
      var unused =
          client
              .post(endpoint, body, settings.requestTimeout(), call)
              .whenComplete((reply, problem) -> {
                tries.end();
                Duration time = Duration.ofNanos(System.nanoTime() - start);
                try {
                  if (reply != null) {
                    judge(reply, time, now);
                  } else {
                    judge(problem, time);
                  }
                } catch (RuntimeException e) {
                  answer.completeExceptionally(e);
                }
              });
    }

    /** Adapts the concurrency limit to the reply, then completes the request or retries it. */
    private void judge(UpstreamReply reply, Duration time, int now) {
      if (reply.overload()) {
        limit.overloaded("it answered " + reply.status());
      } else if (reply.good()) {
        outage.over();
        limit.answered(
            time, reply.json().map(BatchUsage::in).map(BatchUsage::output).orElse(0L), now);
      }
      metrics.answered(reply.status(), time);
      boolean waitOut = reply.loading() && call.patient() && outage.goesOn("is loading its model");
      failures += waitOut ? 0 : 1;
      if (!reply.retryable() || reply.repeats(before) || failures >= settings.maxAttempts()) {
        answer.complete(reply.toAnswer());
        return;
      }
      before = reply;
      if (reply.overload()) {
        outage.pause(backoff.asked(reply::header));
      }
      again(String.valueOf(reply.status()), backoff.beforeTry(made, reply::header));
    }

    private void judge(Throwable problem, Duration time) {
      if (call.cancelled()) {
        calledOff();
        return;
      }
      if (!(problem instanceof IOException e)) {
        answer.completeExceptionally(problem);
        return;
      }
      if (e instanceof StaleConnectionException) {
        tries.begin(this::next);
        return;
      }
      if (e instanceof AnswerTooLargeException) {
        metrics.broken(time);
        answer.complete(
            new BackendAnswer.NotRun(
                "answer_too_large",
                "The upstream's answer was discarded: %s.".formatted(e.getMessage())));
        return;
      }
      limit.overloaded(e.toString());
      metrics.broken(time);
      boolean slow = slow(e);
      boolean waitOut = !slow && call.patient() && outage.goesOn("is not answering: " + e);
      failures += waitOut ? 0 : 1;
      int most = slow ? Math.min(FEW_ATTEMPTS, settings.maxAttempts()) : settings.maxAttempts();
      if (failures >= most) {
        answer.complete(broken(e));
      } else {
        again(slow ? "time-out" : "connection", backoff.beforeTry(made));
      }
    }

    private void again(String reason, Duration wait) {
      metrics.retried(reason);
      call.retried();
      UpstreamTries.Waiting waiting = tries.waiting(this::next);
      call.during(() -> {
        if (waiting.cancel()) {
          calledOff();
        }
      });
      waiting.begin(wait);
    }

    private void calledOff() {
      answer.completeExceptionally(new CancellationException("cancelled"));
    }

    private BackendAnswer broken(IOException e) {
      return slow(e)
          ? new BackendAnswer.NotRun(
              "request_timeout",
              "The upstream did not answer within %s (%d attempts)."
                  .formatted(settings.requestTimeout(), failures))
          : new BackendAnswer.NotRun(
              "upstream_unreachable",
              "No answer from %s: %s. Check that it runs and that CARAVAN_UPSTREAM_URL is right."
                  .formatted(server.host(), e));
    }
  }
}
