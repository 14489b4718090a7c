package io.caravan.flow.step;

import io.caravan.flow.Backoff;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.FlowProperties;
import io.caravan.job.Batch;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartBuilder;
import io.caravan.job.PartStatus;
import io.caravan.provider.Providers;
import io.caravan.provider.RetryableProviderException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Stores the intent of each upload and create before it is sent, and its outcome afterwards. */
@Component("submit")
public class Submit {
  private static final Logger LOG = LoggerFactory.getLogger(Submit.class);

  /** The number of searches of a provider's list within its list lag. */
  private static final int LOOKS = 4;

  private final JobStore store;
  private final Admission admission;
  private final JobsToEnd jobsToEnd;
  private final Clock clock;
  private final Providers providers;
  private final Backoff poll;

  public Submit(
      JobStore store,
      Admission admission,
      JobsToEnd jobsToEnd,
      Providers providers,
      Clock clock,
      FlowProperties.Poll poll) {
    this.store = store;
    this.admission = admission;
    this.jobsToEnd = jobsToEnd;
    this.providers = providers;
    this.clock = clock;
    this.poll = poll.backoff();
  }

  /** Stores the intent to upload, or postpones the part while max-batches is reached. */
  public void intendUpload(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    keep(
        admission.intendUpload(
            part,
            b ->
                b.status(PartStatus.UPLOADING)
                    .submission(part.submission().uploadStarted(clock.instant()))),
        exchange);
  }

  /** Skips the upload: the create carries the requests itself. */
  public void nothingToUpload(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    keep(
        part,
        b -> b.status(PartStatus.UPLOADED).submission(part.submission().uploadNotSent()),
        exchange);
  }

  /** Postpones the part until a running batch ends and shows whether it belongs to the part. */
  public void waitForProof(Part part, Exchange exchange) {
    keep(
        part,
        b ->
            b.schedule(
                part.schedule()
                    .waiting(
                        clock.instant().plus(poll.after(Integer.MAX_VALUE)),
                        "create outcome unknown: waits for the end of a batch that may be its own")),
        exchange);
  }

  /** Stores the intent to create a batch, or postpones the part if there is no room for it. */
  public void intendCreate(
      @ExchangeProperty(ExchangeProperties.PART) Part part, Exchange exchange) {
    keep(
        admission.intendCreate(
            part,
            b ->
                b.status(PartStatus.CREATING)
                    .submission(
                        part.submission()
                            .withKeyAlias(providers.get(part.provider()).keyAlias())
                            .withRoomSince(null)
                            .withUnclearSince(clock.instant()))),
        exchange);
  }

  /** Takes the file of an interrupted upload if it was found, else sends it again. */
  public void fileSearched(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.FOUND) @Nullable Object fileId,
      Exchange exchange) {
    if (fileId instanceof String id) {
      uploaded(part, id, exchange);
    } else {
      goBack(part, PartStatus.PLANNED, exchange);
    }
  }

  /**
   * Takes the batch of an interrupted create if it was found. Else the create is sent again, once
   * the list lag has passed and if the current API key is the one that sent it.
   */
  public void batchSearched(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.FOUND) @Nullable Object batch,
      Exchange exchange) {
    if (batch instanceof Batch found) {
      created(part, found, exchange);
    } else if (sureAt(part).isAfter(clock.instant())) {
      keep(part, b -> b.schedule(part.schedule().withDueAt(nextLook(part))), exchange);
      LOG.info(
          "part={} create outcome unknown, {} does not list the batch yet: searching until {}",
          part.id(),
          part.provider(),
          sureAt(part));
    } else if (isOfAnotherKey(part) && jobsToEnd.reason(part).isEmpty()) {
      throw new RetryableProviderException(
          "create outcome unknown: the create was sent with another key (%s), whose batches the current key may not see. Restore that key, or cancel the job"
              .formatted(part.submission().keyAlias()),
          null);
    } else {
      notDone(part, exchange);
    }
  }

  private boolean isOfAnotherKey(Part part) {
    return part.submission().keyAlias() != null
        && !part.submission().keyAlias().equals(providers.get(part.provider()).keyAlias());
  }

  /** Reverts the part: the provider answered that it created nothing. */
  public void notCreated(Part part, Exchange exchange) {
    if (part.status() == PartStatus.CREATING) {
      notDone(part, exchange);
    }
  }

  /** Without an input file the part was never uploaded, or its create carries the requests. */
  private void notDone(Part part, Exchange exchange) {
    goBack(
        part,
        part.submission().inputFileId() == null ? PartStatus.PLANNED : PartStatus.UPLOADED,
        exchange);
  }

  /** Sends the part again, or refuses it if its job was cancelled or is too old. */
  private void goBack(Part part, PartStatus to, Exchange exchange) {
    keep(
        part,
        jobsToEnd
            .reason(part)
            .map(jobsToEnd::refusal)
            .orElse(b -> b.status(to).submission(part.submission().withUnclearSince(null))),
        exchange);
  }

  private Instant sureAt(Part part) {
    Instant since =
        part.submission().unclearSince() == null
            ? clock.instant()
            : part.submission().unclearSince();
    return since.plus(providers.get(part.provider()).listLag());
  }

  private Instant nextLook(Part part) {
    Duration pace = providers.get(part.provider()).listLag().dividedBy(LOOKS);
    Instant next = clock.instant().plus(pace);
    return next.isBefore(sureAt(part)) ? next : sureAt(part);
  }

  public void uploaded(Part part, String fileId, Exchange exchange) {
    keep(
        part,
        b ->
            b.status(PartStatus.UPLOADED)
                .submission(part.submission().withInputFileId(fileId).withUnclearSince(null)),
        exchange);
  }

  public void created(Part part, Batch batch, Exchange exchange) {
    keep(
        part,
        b ->
            b.status(PartStatus.SUBMITTED)
                .submission(
                    part.submission()
                        .with(s ->
                            s.batchId(batch.id())
                                .keyAlias(providers.get(part.provider()).keyAlias())
                                .batchStatus(batch.status())
                                .unclearSince(null)
                                .submittedAt(clock.instant())))
                .schedule(part.schedule().worked().withDueAt(clock.instant().plus(poll.after(0)))),
        exchange);
  }

  private void keep(Part part, Consumer<PartBuilder> change, Exchange exchange) {
    keep(store.update(part, change), exchange);
  }

  private static void keep(Part part, Exchange exchange) {
    exchange.setProperty(ExchangeProperties.PART, part);
    exchange.removeProperty(ExchangeProperties.FOUND);
    exchange.removeProperty(ExchangeProperties.AFTER);
  }
}
