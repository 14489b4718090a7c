package io.caravan.queue.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.flow.Reasons;
import io.caravan.lease.Replica;
import io.caravan.queue.Callback;
import io.caravan.queue.CallbackEndpoint;
import io.caravan.queue.CallbackStatus;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.callback.CallbackSchedule;
import io.caravan.queue.callback.CallbackSecrets;
import io.caravan.queue.store.CallbackOutcome;
import io.caravan.queue.store.CallbackStore;
import io.caravan.queue.store.RequestStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Calls clients back when their requests have ended. */
@Component("queueCallbacks")
public class QueueCallbacks {
  /** The property with the callback that a route sends. */
  public static final String CALLBACK = "callback";

  private static final Logger LOG = LoggerFactory.getLogger(QueueCallbacks.class);
  private static final long IDLE_MILLIS = 250;
  private static final long BUSY_MILLIS = 10;
  private static final long LONGEST_MILLIS = 2000;

  /** A turn that finds nothing takes at most about this share of the time. */
  private static final long SHARE = 4;

  private static final int GONE = 410;

  private final CallbackStore store;
  private final RequestStore requests;
  private final CallbackPayload payload;
  private final CallbackSecrets secrets;
  private final CallbackShares shares;
  private final CallbackMetrics metrics;
  private final Replica replica;
  private final Clock clock;
  private volatile long millisUntilNextTurn;
  private volatile boolean notRecorded;

  QueueCallbacks(
      CallbackStore store,
      RequestStore requests,
      CallbackPayload payload,
      CallbackSecrets secrets,
      CallbackShares shares,
      CallbackMetrics metrics,
      Replica replica,
      Clock clock) {
    this.store = store;
    this.requests = requests;
    this.payload = payload;
    this.secrets = secrets;
    this.shares = shares;
    this.metrics = metrics;
    this.replica = replica;
    this.clock = clock;
  }

  /** Time until the next look for callbacks that are due. */
  public long millisUntilNextTurn() {
    return millisUntilNextTurn;
  }

  /** Claims as many callbacks as can be sent now. */
  public List<Callback> claimDue() {
    millisUntilNextTurn = IDLE_MILLIS;
    if (shares.full()) {
      millisUntilNextTurn = BUSY_MILLIS;
      return List.of();
    }
    long began = System.nanoTime();
    if (notRecorded) {
      notRecorded = false;
      store.releaseExcept(shares.ids());
    }
    var due = new ArrayList<Callback>();
    for (CallbackEndpoint.Lane lane : store.dueLanes()) {
      int room = shares.room(lane);
      if (room > 0) {
        List<Callback> claimed = store.claim(lane, room);
        claimed.forEach(shares::begin);
        due.addAll(claimed);
      }
    }
    long turn = Duration.ofNanos(System.nanoTime() - began).toMillis();
    millisUntilNextTurn =
        due.isEmpty()
            ? Math.clamp(turn * SHARE, IDLE_MILLIS, LONGEST_MILLIS)
            : Math.clamp(turn, BUSY_MILLIS, IDLE_MILLIS);
    return due;
  }

  /** Writes the call into the message. */
  public void write(@Body Callback callback, Exchange exchange) throws URISyntaxException {
    exchange.setProperty(CALLBACK, callback);
    replica.check(callback.owner());
    QueuedRequest request =
        requests
            .find(callback.requestId(), CallbackPayload.LONGEST)
            .orElseThrow(() -> new RequestDeletedException());
    String client = callback.endpoint().client();
    String body = payload.of(request);
    long seconds = clock.instant().getEpochSecond();
    Message message = exchange.getMessage();
    message.removeHeaders("*");
    message.setHeader("webhook-id", callback.id());
    message.setHeader("webhook-timestamp", Long.toString(seconds));
    message.setHeader("webhook-signature", secrets.sign(client, callback.id(), seconds, body));
    message.setHeader("User-Agent", "Caravan");
    message.setHeader(Exchange.CONTENT_TYPE, "application/json");
    message.setHeader(Exchange.HTTP_METHOD, "POST");
    message.setHeader(Exchange.HTTP_URI, withoutFragment(callback.endpoint().url()));
    message.setBody(body.getBytes(UTF_8));
  }

  private static String withoutFragment(String url) throws URISyntaxException {
    return new URI(url).toASCIIString().replaceFirst("#.*", "");
  }

  /** Stores what the receiver has answered. */
  public void record(
      @ExchangeProperty(CALLBACK) Callback callback,
      @Header(Exchange.HTTP_RESPONSE_CODE) int answer,
      @Header("Retry-After") @Nullable String retryAfter) {
    if (answer >= 200 && answer < 300) {
      record(callback, new CallbackOutcome.Delivered(answer));
    } else if (answer == GONE) {
      record(callback, new CallbackOutcome.Disabled(answer, "the receiver answered 410"));
    } else {
      String redirect = answer >= 300 && answer < 400 ? ", and redirects are not followed" : "";
      fail(
          callback,
          answer,
          "the receiver answered %d%s".formatted(answer, redirect),
          CallbackSchedule.holdUntil(answer, retryAfter, clock));
    }
  }

  /** Stores that there was no answer. */
  public void recordFailure(
      @ExchangeProperty(CALLBACK) Callback callback,
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure) {
    if (failure instanceof DataAccessException || failure instanceof TransactionException) {
      notRecorded = true; // the receiver may have taken it; it is sent again
      shares.end(callback);
      LOG.warn(
          "callback={} its outcome could not be stored: {}", callback.id(), Reasons.of(failure));
    } else if (failure instanceof RequestDeletedException) {
      record(callback, new CallbackOutcome.Failed(null, Reasons.of(failure), null, null));
    } else {
      fail(callback, null, reason(failure), Optional.empty());
    }
  }

  /** The reason without the address of the receiver, which may be internal. */
  private static String reason(Exception failure) {
    return Reasons.of(failure).replaceFirst("^Connect to .* failed: ", "");
  }

  private void fail(
      Callback callback, @Nullable Integer answer, String problem, Optional<Instant> holdUntil) {
    Instant now = clock.instant();
    Instant retry =
        CallbackSchedule.delay(callback.tries() + 1)
            .map(now::plus)
            .map(at -> holdUntil.filter(at::isBefore).orElse(at))
            .orElse(null);
    record(callback, new CallbackOutcome.Failed(answer, problem, retry, holdUntil.orElse(null)));
  }

  private void record(Callback callback, CallbackOutcome outcome) {
    Optional<Callback.Health> health = store.record(callback, outcome);
    shares.end(callback);
    metrics.count(status(outcome), 1);
    tell(callback, outcome, health);
  }

  private static CallbackStatus status(CallbackOutcome outcome) {
    return switch (outcome) {
      case CallbackOutcome.Delivered delivered -> CallbackStatus.DELIVERED;
      case CallbackOutcome.Disabled disabled -> CallbackStatus.DISABLED;
      case CallbackOutcome.Failed failed ->
          failed.retryAt() == null ? CallbackStatus.EXHAUSTED : CallbackStatus.FAILED;
    };
  }

  /** URLs may contain keys of the receiver, so only the host is logged. */
  private static void tell(
      Callback callback, CallbackOutcome outcome, Optional<Callback.Health> health) {
    String receiver =
        "callbacks%s to %s"
            .formatted(
                callback.endpoint().client().isEmpty()
                    ? ""
                    : " of client " + callback.endpoint().client(),
                callback.endpoint().host());
    switch (outcome) {
      case CallbackOutcome.Delivered delivered -> {
        if (callback.health() != null && callback.health().failures() >= CallbackStore.TRIP) {
          LOG.info("{} work again", receiver);
        }
      }
      case CallbackOutcome.Disabled disabled ->
          LOG.warn(
              "{} are disabled: {}. POST /batch/callbacks/{}/replay resumes them.",
              receiver,
              disabled.problem(),
              callback.id());
      case CallbackOutcome.Failed failed -> {
        boolean trips = health.filter(it -> it.failures() == CallbackStore.TRIP).isPresent();
        if (failed.retryAt() == null) {
          LOG.warn("callback={} was given up: {}", callback.id(), failed.problem());
        }
        if (trips) {
          LOG.warn(
              "{} are paused after {} failures; one is tried from time to time. Last failure: {}",
              receiver,
              CallbackStore.TRIP,
              failed.problem());
        }
      }
    }
  }

  /** The request was deleted before its callback was delivered. */
  private static final class RequestDeletedException extends RuntimeException {
    RequestDeletedException() {
      super("its request was deleted after the retention time (caravan.queue.retention)");
    }
  }
}
