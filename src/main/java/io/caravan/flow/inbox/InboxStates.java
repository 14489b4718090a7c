package io.caravan.flow.inbox;

import io.caravan.flow.AnotherReadsException;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.Pipelines;
import io.caravan.flow.Reasons;
import io.caravan.flow.step.Setbacks;
import io.caravan.s3.S3Objects;
import io.caravan.s3.S3Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.util.ObjectHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Tracks whether inboxes can be read; logs each change once, however often they poll. */
@Component("inboxStates")
public class InboxStates {
  private static final Logger LOG = LoggerFactory.getLogger(InboxStates.class);
  private static final int REMEMBERED = 10_000;
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(10);

  private final Clock clock;
  private final Setbacks setbacks;
  private final Map<String, String> outages = new ConcurrentHashMap<>();
  private final Map<String, Setback> drops = new ConcurrentHashMap<>();

  private record Setback(Instant until, String told) {}

  InboxStates(Clock clock, Setbacks setbacks) {
    this.clock = clock;
    this.setbacks = setbacks;
  }

  /** Handles a failed poll of an inbox, or a failed object in it. */
  public void failed(
      Exchange exchange,
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception cause,
      @ExchangeProperty(ExchangeProperties.OBJECT) @Nullable InboxObject drop) {
    if (cause instanceof CamelExchangeException) {
      return; // failures in a split are logged there
    }
    if (drop == null) {
      outage(Pipelines.ofRoute(String.valueOf(exchange.getFromRouteId())), cause);
    } else {
      setBack(drop, cause);
    }
  }

  /** Notes that a pipeline's inbox cannot be read. */
  void outage(String pipeline, Throwable cause) {
    String text = S3Problem.of(cause).orElseGet(() -> Reasons.of(cause));
    String before = outages.put(pipeline, text);
    if (before == null || !kind(before).equals(kind(text))) {
      LOG.warn("pipeline={} cannot read its inbox, retrying: {}", pipeline, text);
    }
  }

  /** Groups messages, since refused, reset and timed-out connections are one outage. */
  private static String kind(String text) {
    int colon = text.indexOf(':');
    return colon < 0 ? text : text.substring(0, colon);
  }

  /** Notes that a pipeline's inbox can be read. */
  void well(String pipeline) {
    if (outages.remove(pipeline) != null) {
      LOG.info("pipeline={} can read its inbox again", pipeline);
    }
  }

  /** The problem of each unreadable inbox, by pipeline. */
  Map<String, String> outages() {
    return new TreeMap<>(outages);
  }

  /** Ignores an object for a while after it could not be stored or removed. */
  void setBack(InboxObject drop, Exception cause) {
    if (drops.size() > REMEMBERED) {
      drops.clear();
    }
    if (isGone(cause)) {
      drops.put(drop.arrival(), new Setback(clock.instant().plus(LOOK_AGAIN), ""));
      return;
    }
    String text = S3Problem.of(cause).orElseGet(() -> String.valueOf(cause.getMessage()));
    Setback before = drops.put(drop.arrival(), new Setback(clock.instant().plus(TRY_AGAIN), text));
    if (before != null && before.told().equals(text)) {
      return;
    }
    if (S3Problem.of(cause).isPresent()) {
      LOG.warn("{} stays where it is for now: {}", label(drop), text);
    } else {
      setbacks.notStored(cause);
    }
  }

  private static String label(InboxObject drop) {
    return drop.object().uri().replaceAll("\\p{Cntrl}", "?");
  }

  /** Overwritten, deleted or taken by another replica: nothing to log. */
  private static boolean isGone(Exception cause) {
    S3Exception refusal = ObjectHelper.getException(S3Exception.class, cause);
    return ObjectHelper.getException(AnotherReadsException.class, cause) != null
        || (refusal != null && S3Objects.isGone(refusal));
  }

  /** Why the object is ignored for now: blank without a reason to tell; empty if it is not. */
  Optional<String> setBack(InboxObject drop) {
    return Optional.ofNullable(drops.get(drop.arrival()))
        .filter(setback -> clock.instant().isBefore(setback.until()))
        .map(Setback::told);
  }
}
