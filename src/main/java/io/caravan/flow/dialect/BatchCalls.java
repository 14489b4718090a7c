package io.caravan.flow.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.call.Calls;
import io.caravan.flow.call.ProviderContacts;
import io.caravan.flow.step.Admission;
import io.caravan.flow.step.SettleBatch;
import io.caravan.flow.step.Submit;
import io.caravan.job.Batch;
import io.caravan.job.BatchError;
import io.caravan.job.BatchStatus;
import io.caravan.job.Part;
import io.caravan.job.RequestCounts;
import io.caravan.provider.AccessRefusedException;
import io.caravan.provider.Answer;
import io.caravan.provider.Providers;
import io.caravan.provider.QueueFullException;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RetryableProviderException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Applies the answers of batch calls to their parts, for all dialects. */
@Component
class BatchCalls {
  private static final Logger LOG = LoggerFactory.getLogger(BatchCalls.class);

  private final Calls calls;
  private final Providers providers;
  private final Submit submit;
  private final Admission admission;
  private final ProviderContacts contacts;
  private final Clock clock;
  private final Duration notFoundGrace;

  BatchCalls(
      Calls calls,
      Providers providers,
      Submit submit,
      Admission admission,
      ProviderContacts contacts,
      Clock clock,
      FlowProperties.Poll poll) {
    this.calls = calls;
    this.providers = providers;
    this.submit = submit;
    this.admission = admission;
    this.contacts = contacts;
    this.clock = clock;
    this.notFoundGrace = poll.notFoundGrace();
  }

  /** Stores the id of the created batch, or postpones the part if the queue is full. */
  void created(Part part, Exchange exchange, Function<JsonNode, Batch> dialect) {
    try {
      submit.created(part, dialect.apply(calls.answer(part.provider(), exchange).json()), exchange);
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

  /** Stores the batch status; a batch that is not found may be too new to be listed. */
  void status(Part part, Exchange exchange, Function<Answer, Batch> dialect) {
    Batch batch;
    try {
      batch = dialect.apply(calls.answer(part.provider(), exchange));
    } catch (RejectedByProviderException e) {
      if (e.status() != 404 || withinGrace(part.submission().submittedAt())) {
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
    exchange.setProperty(ExchangeProperties.BATCH, batch);
  }

  /** Throws a retryable failure if another key created the batch, which is then not gone. */
  private void checkKey(Part part, String said) {
    String now = providers.get(part.provider()).keyAlias();
    if (part.submission().keyAlias() != null && !part.submission().keyAlias().equals(now)) {
      throw RetryableProviderException.inTime(
          "the batch was created with another key (%s; the current one is %s). Restore that key, or cancel the job. %s"
              .formatted(part.submission().keyAlias(), now, said));
    }
  }

  private static Batch forgotten(Part part, RejectedByProviderException e) {
    var error = new BatchError(SettleBatch.BATCH_GONE, e.getMessage(), null, null);
    return new Batch(
        String.valueOf(part.submission().batchId()),
        BatchStatus.FAILED,
        part.submission().inputFileId(),
        null,
        null,
        RequestCounts.NONE,
        List.of(error),
        Map.of());
  }

  /** Accepts a refused cancel: the batch has ended, as its status will show. */
  void cancelled(Part part, Exchange exchange) {
    try {
      calls.answer(part.provider(), exchange).json();
    } catch (RejectedByProviderException | RetryableProviderException e) {
      LOG.info(
          "part={} batch={} was not cancelled: {}",
          part.id(),
          part.submission().batchId(),
          e.getMessage());
    }
  }

  /** Accepts a refused delete: the file or batch stays at the provider. */
  void deleted(Part part, Exchange exchange) {
    try {
      calls.answer(part.provider(), exchange).json();
    } catch (RejectedByProviderException e) {
      contacts.note(part.provider(), "not deleted: " + e.getMessage());
    }
  }

  /** Whether a batch that is not found may be too new. */
  private boolean withinGrace(@Nullable Instant since) {
    return since == null || clock.instant().isBefore(since.plus(notFoundGrace));
  }

  /** Without the list, the outcome of an interrupted call is unknown. */
  static RetryableProviderException unknown(RejectedByProviderException e) {
    return new RetryableProviderException(
        "cannot search for the outcome of an interrupted call: " + e.getMessage(), null);
  }
}
