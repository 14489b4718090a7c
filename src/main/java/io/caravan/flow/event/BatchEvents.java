package io.caravan.flow.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.event.EventMetrics.Outcome;
import io.caravan.flow.step.WakeUps;
import io.caravan.jsonl.Quote;
import io.caravan.provider.Providers;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Takes the events that providers send when a batch has ended. An event only makes the poll of its
 * batch due; what the poll answers counts, so a false or repeated event does no harm.
 */
@Component("batchEvents")
public class BatchEvents {
  private static final Logger LOG = LoggerFactory.getLogger(BatchEvents.class);
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MOST_BYTES = 1 << 20;
  private static final int LONGEST_ID = 500;
  private static final int MOST_REMEMBERED = 10_000;
  private static final Duration LOG_EVERY = Duration.ofMinutes(1);

  private final EventSources sources;
  private final Providers providers;
  private final WakeUps wakeUps;
  private final EventMetrics metrics;
  private final Clock clock;

  /** The ids of events that had their effect; the oldest ones are forgotten. */
  private final Map<String, Boolean> taken =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  private Instant loggedAt = Instant.EPOCH;
  private long notLogged;

  BatchEvents(
      EventSources sources,
      Providers providers,
      WakeUps wakeUps,
      EventMetrics metrics,
      Clock clock) {
    this.sources = sources;
    this.providers = providers;
    this.wakeUps = wakeUps;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Takes the event of a call, and writes the answer. */
  public void take(
      @ExchangeProperty(ExchangeProperties.DIALECT) String dialect, Exchange exchange) {
    try {
      Outcome outcome = outcome(dialect, exchange);
      metrics.count(dialect, outcome);
      answer(exchange, 200, JSON.createObjectNode().put("outcome", outcome.word()));
    } catch (RejectedEventException e) {
      reject(dialect, e, exchange);
    } catch (DataAccessException | TransactionException e) {
      LOG.debug("provider={} event not stored", dialect, e);
      reject(
          dialect,
          RejectedEventException.unavailable("store_unavailable", "The store is not available."),
          exchange);
    }
  }

  private Outcome outcome(String dialect, Exchange exchange) {
    SignedEvent event = sources.verify(dialect, () -> call(exchange));
    String type = text(event.content(), "/type");
    String batch = text(event.content(), "/data/id");
    Outcome outcome = apply(dialect, event.id(), type, batch.replaceFirst("^batches/", ""));
    LOG.debug(
        "provider={} event={} batch={} {}",
        dialect,
        Quote.plain(type, LONGEST_ID),
        Quote.plain(batch, LONGEST_ID),
        outcome.word());
    return outcome;
  }

  private static EventSources.SignedCall call(Exchange exchange) {
    Message message = exchange.getMessage();
    HttpServletRequest request =
        Objects.requireNonNull(
            message.getHeader("CamelHttpServletRequest", HttpServletRequest.class));
    if (request.getContentLengthLong() > MOST_BYTES) {
      throw RejectedEventException.tooLarge(MOST_BYTES);
    }
    byte[] body;
    try (InputStream in = message.getBody(InputStream.class)) {
      body = in == null ? new byte[0] : in.readNBytes(MOST_BYTES + 1);
    } catch (IOException e) {
      throw RejectedEventException.invalid("The body did not arrive completely.");
    }
    if (body.length > MOST_BYTES) {
      throw RejectedEventException.tooLarge(MOST_BYTES);
    }
    return new EventSources.SignedCall(
        request.getHeader("webhook-id"),
        request.getHeader("webhook-timestamp"),
        request.getHeader("webhook-signature"),
        body);
  }

  private static String text(JsonNode event, String pointer) {
    String text = event.at(pointer).asText();
    return text.length() > LONGEST_ID ? "" : text;
  }

  private Outcome apply(String dialect, String id, String type, String batch) {
    String event = dialect + ' ' + id;
    synchronized (taken) {
      if (taken.containsKey(event)) {
        return Outcome.REPEATED;
      }
    }
    boolean waits =
        type.startsWith("batch.") && !batch.isEmpty() && wakeUps.wake(batch, names(dialect));
    synchronized (taken) {
      taken.put(event, true);
    }
    return waits ? Outcome.ACCEPTED : Outcome.UNKNOWN;
  }

  /** The providers with that dialect. */
  private Set<String> names(String dialect) {
    return providers.providers().entrySet().stream()
        .filter(it -> it.getValue().dialect().equals(dialect))
        .map(Map.Entry::getKey)
        .collect(toSet());
  }

  private void reject(String dialect, RejectedEventException problem, Exchange exchange) {
    metrics.count(dialect, Outcome.REJECTED);
    log(dialect, problem);
    ObjectNode body = JSON.createObjectNode();
    body.put("type", "about:blank");
    body.put("title", HttpStatus.valueOf(problem.status()).getReasonPhrase());
    body.put("status", problem.status());
    body.put("detail", problem.text()).put("code", problem.code());
    answer(exchange, problem.status(), body);
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/problem+json");
  }

  private void log(String dialect, RejectedEventException problem) {
    long others;
    synchronized (this) {
      Instant now = clock.instant();
      if (!now.isBefore(loggedAt) && loggedAt.plus(LOG_EVERY).isAfter(now)) {
        notLogged++;
        return;
      }
      loggedAt = now;
      others = notLogged;
      notLogged = 0;
    }
    LOG.warn(
        "provider={} event rejected with {}: {}{}",
        dialect,
        problem.status(),
        problem.text(),
        others == 0 ? "" : " (and %,d since the last such line)".formatted(others));
  }

  private static void answer(Exchange exchange, int status, ObjectNode body) {
    Message message = exchange.getMessage();
    message.removeHeaders("*"); // else the headers of the call would be sent back
    message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
    message.setHeader(Exchange.CONTENT_TYPE, "application/json");
    message.setBody(body.toString().getBytes(UTF_8));
  }
}
