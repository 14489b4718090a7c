package io.caravan.call;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Calls to one upstream, with retries and adaptive concurrency. */
public final class AdaptiveCalls<A> implements AutoCloseable {
  /** Attempts after a timeout: a request that timed out will probably time out again. */
  private static final int FEW_ATTEMPTS = 2;

  private final CallTarget target;
  private final CallSettings settings;
  private final AnswerReader<A> reader;
  private final UpstreamClient client;
  private final RetryDelay backoff;
  private final AdaptiveLimit limit;
  private final UpstreamOutage outage;
  private final UpstreamMetrics metrics;
  private final UpstreamTries tries;

  /** Creates the calls to an upstream, which run in the event loops. */
  public AdaptiveCalls(
      CallTarget target,
      CallSettings settings,
      AnswerReader<A> reader,
      EventLoopGroup loops,
      Clock clock,
      MeterRegistry meters) {
    this.target = target;
    this.settings = settings;
    this.reader = reader;
    this.client =
        new UpstreamClient(target, loops, settings.connectTimeout(), settings.requestTimeout());
    this.backoff = new RetryDelay(settings.initialBackoff(), settings.maxBackoff(), clock);
    this.limit =
        new AdaptiveLimit(
            target.name(),
            target.minConcurrency(),
            target.maxConcurrency(),
            settings.latencyTolerance(),
            System::nanoTime);
    this.outage = new UpstreamOutage(target, settings.patience(), System::nanoTime);
    this.tries = new UpstreamTries(loops, limit::current);
    this.metrics = new UpstreamMetrics(target.name(), meters, tries, limit);
  }

  /** The current limit of concurrent requests; 0 while the upstream asks for a pause. */
  public int concurrency() {
    return outage.pausing() ? 0 : limit.current();
  }

  /**
   * The current limit of requests, including those waiting for a retry: these free their slots, up
   * to {@code maxConcurrency} of them.
   */
  public int rooms() {
    return outage.pausing()
        ? 0
        : limit.current() + Math.min(tries.waiting().get(), target.maxConcurrency());
  }

  /**
   * Sends a request without blocking and without a check of the limit; a cancelled call ends with
   * {@link CancellationException}.
   *
   * @param body read again for each attempt
   */
  public CompletableFuture<A> post(String path, Supplier<byte[]> body, Call call) {
    var attempts = new Attempts(path, body, call);
    tries.begin(attempts::next);
    return attempts.answer;
  }

  /** Makes one attempt with the connect timeout, without retries. */
  public CompletableFuture<UpstreamReply> get(String path) {
    return client.get(path, settings.connectTimeout());
  }

  @Override
  public void close() {
    client.close();
  }

  /** The attempts of one request. */
  private final class Attempts {
    private final String path;
    private final Supplier<byte[]> body;
    private final Call call;
    private final CompletableFuture<A> answer = new CompletableFuture<>();
    private @Nullable UpstreamReply before;
    private int made;
    private int failures;

    Attempts(String path, Supplier<byte[]> body, Call call) {
      this.path = path;
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
              .post(path, body.get(), settings.requestTimeout(), call)
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
      metrics.answered(reply.status(), time);
      if (reply.good()) {
        outage.over();
        A read = reader.read(reply);
        limit.answered(time, reader.outputTokens(read), now);
        answer.complete(read);
        return;
      }
      if (reply.overload()) {
        limit.overloaded("it answered " + reply.status());
        outage.pause(backoff.asked(reply::header));
      }
      boolean waitOut = reply.loading() && call.patient() && outage.goesOn("is loading its model");
      failures += waitOut ? 0 : 1;
      if (!reply.retryable() || reply.repeats(before) || failures >= settings.maxAttempts()) {
        answer.complete(reader.read(reply));
        return;
      }
      before = reply;
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
      metrics.broken(time);
      if (e instanceof AnswerTooLargeException) {
        answer.complete(reader.noReply(e, made));
        return;
      }
      limit.overloaded(e.toString());
      boolean slow = e instanceof SocketTimeoutException;
      boolean waitOut = !slow && call.patient() && outage.goesOn("is not answering: " + e);
      failures += waitOut ? 0 : 1;
      int most = slow ? Math.min(FEW_ATTEMPTS, settings.maxAttempts()) : settings.maxAttempts();
      if (failures >= most) {
        answer.complete(reader.noReply(e, failures));
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
  }
}
