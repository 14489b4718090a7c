package io.caravan.flow;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.job.Batch;
import io.caravan.job.BatchError;
import io.caravan.job.BatchStatus;
import io.caravan.job.Part;
import io.caravan.job.RequestCounts;
import io.caravan.provider.AccessRefusedException;
import io.caravan.provider.Answer;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.provider.QueueFullException;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RetryableProviderException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** What calls have in common, whatever the dialect: who we are, and what answers mean. */
@Component("calls")
public class Calls {
  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

  private static final long SMALL = 64L << 20;

  private final Providers providers;
  private final Submit submit;
  private final Admission admission;
  private final ProviderContacts contacts;
  private final Clock clock;
  private final Duration notFoundGrace;
  private final Duration answersGrace;

  Calls(
      Providers providers,
      Submit submit,
      Admission admission,
      ProviderContacts contacts,
      Clock clock,
      FlowProperties.Poll poll) {
    this.providers = providers;
    this.submit = submit;
    this.admission = admission;
    this.contacts = contacts;
    this.clock = clock;
    this.notFoundGrace = poll.notFoundGrace();
    this.answersGrace = poll.answersGrace();
  }

  /** Headers travel as HTTP headers: only ours go out. */
  void start(Part part, Message message) {
    start(part.provider(), message);
    setUnlessBlank(message, ProviderCalls.OWNER, part.owner() == null ? "" : part.owner());
  }

  /** A call for no part in particular. */
  void start(String name, Message message) {
    Provider provider = providers.get(name);
    String key = provider.apiKey();
    boolean bearer = "Authorization".equalsIgnoreCase(provider.keyHeader());
    message.removeHeaders("*");
    setUnlessBlank(message, provider.keyHeader(), bearer && !key.isBlank() ? "Bearer " + key : key);
    setUnlessBlank(message, "anthropic-version", provider.version());
    setUnlessBlank(message, "OpenAI-Organization", provider.organization());
    setUnlessBlank(message, "OpenAI-Project", provider.project());
  }

  /** The call that was begun brings or takes a file. */
  void transfer(Message message, long mostBytes) {
    message.setHeader(ProviderCalls.TRANSFER, Long.toString(mostBytes));
    message.getExchange().setProperty(ProviderCalls.TRANSFER, Long.toString(mostBytes));
  }

  /**
   * How large the answers of a part may be: many times its requests, or what the provider says.
   *
   * @param told bytes as the provider says; -1 when it does not
   */
  static long mostBytes(Part part, long told) {
    return told > 0 ? Math.max(4 * told, SMALL) : 200 * part.bytes() + 4 * SMALL;
  }

  private static void setUnlessBlank(Message message, String header, String value) {
    if (!value.isBlank()) {
      message.setHeader(header, value);
    }
  }

  /** The answer, unless it says that the call has failed. */
  Answer answer(String provider, Exchange exchange) {
    Message message = exchange.getMessage();
    InputStream body = message.getBody(InputStream.class);
    var answer =
        new Answer(
            message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class),
            message.getHeader("Retry-After", String.class),
            body == null ? InputStream.nullInputStream() : body,
            providers.get(provider).apiKey());
    try {
      Answer good = answer.orThrow(clock);
      contacts.good(provider);
      return good;
    } catch (RetryableProviderException
        | RejectedByProviderException
        | AccessRefusedException
        | QueueFullException e) {
      contacts.note(provider, e.getMessage());
      throw e;
    }
  }

  /** Stores the id of the created batch; where there was no room for it, the part waits. */
  void created(Part part, Exchange exchange, Function<JsonNode, Batch> dialect) {
    try {
      submit.created(part, dialect.apply(answer(part.provider(), exchange).json()), exchange);
    } catch (QueueFullException e) {
      admission.turnedAway(part, e.getMessage());
    } catch (AccessRefusedException e) {
      submit.notCreated(part, exchange);
      throw e;
    } catch (RetryableProviderException e) {
      if (!e.isUnclear()) {
        submit.notCreated(part, exchange);
      }
      throw e;
    }
  }

  /** Keeps the batch as the provider describes it; one that is not found may be too new. */
  void status(Part part, Exchange exchange, Function<Answer, Batch> dialect) {
    Batch batch;
    try {
      batch = dialect.apply(answer(part.provider(), exchange));
    } catch (RejectedByProviderException e) {
      if (e.status() != 404 || withinGrace(part.submittedAt())) {
        throw e.status() == 404
            ? RetryableProviderException.inTime(e.getMessage())
            : new RetryableProviderException(e.getMessage(), null);
      }
      checkKey(part, e.getMessage());
      batch = forgotten(part, e);
    } catch (AccessRefusedException e) {
      if (e.getMessage().startsWith("HTTP 403")) {
        checkKey(part, e.getMessage());
      }
      throw e;
    }
    exchange.setProperty("batch", batch);
  }

  /** A batch that another key made is not gone, and was paid for: it waits for that key. */
  private void checkKey(Part part, String said) {
    String now = providers.get(part.provider()).keyAlias();
    if (part.keyAlias() != null && !part.keyAlias().equals(now)) {
      throw RetryableProviderException.inTime(
          "the batch was made with another key (%s, and now it is %s): set that one again, or cancel the job. %s"
              .formatted(part.keyAlias(), now, said));
    }
  }

  private static Batch forgotten(Part part, RejectedByProviderException e) {
    var error = new BatchError(SettleBatch.BATCH_GONE, e.getMessage(), null, null);
    return new Batch(
        String.valueOf(part.batchId()),
        BatchStatus.FAILED,
        part.inputFileId(),
        null,
        null,
        RequestCounts.NONE,
        List.of(error),
        Map.of());
  }

  /** A batch that cannot be cancelled any more has ended, which its status will tell. */
  void cancelled(Part part, Exchange exchange) {
    try {
      answer(part.provider(), exchange).json();
    } catch (RejectedByProviderException | RetryableProviderException e) {
      LOG.info("part={} batch={} was not cancelled: {}", part.id(), part.batchId(), e.getMessage());
    }
  }

  /** What cannot be deleted stays where it is. */
  void deleted(Part part, Exchange exchange) {
    try {
      answer(part.provider(), exchange).json();
    } catch (RejectedByProviderException e) {
      contacts.note(part.provider(), "not deleted: " + e.getMessage());
    }
  }

  /** Whether what is not found may be too new to be found. */
  private boolean withinGrace(@Nullable Instant since) {
    return since == null || clock.instant().isBefore(since.plus(notFoundGrace));
  }

  /** Whether answers of an ended batch that are missing may still come. */
  boolean mayStillCome(Part part) {
    Instant ended = part.endedAt();
    return ended == null || clock.instant().isBefore(ended.plus(answersGrace));
  }

  /** Longer each time; the last look is when the time is over. */
  Duration untilNextLook(Part part, Duration first) {
    Instant now = clock.instant();
    Instant ended = part.endedAt() == null ? now : part.endedAt();
    Duration longer = Duration.between(ended, now).dividedBy(2);
    Duration rest = Duration.between(now, ended.plus(answersGrace));
    Duration wait = longer.compareTo(rest) < 0 ? longer : rest;
    return wait.compareTo(first) > 0 ? wait : first;
  }

  /** Without a list nobody knows what an interrupted call left. */
  static RetryableProviderException unknown(RejectedByProviderException e) {
    return new RetryableProviderException(
        "cannot look for what an interrupted call left: " + e.getMessage(), null);
  }
}
