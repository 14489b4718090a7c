package io.caravan.server.run;

import io.caravan.server.run.InputCheck.Refused;
import io.caravan.server.run.InputCheck.Valid;
import io.caravan.server.settings.ServerSettings;
import io.caravan.server.store.BatchForm;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.Lease;
import io.caravan.server.store.OtherProviders;
import io.caravan.server.store.Permits;
import io.caravan.server.store.Stop;
import io.caravan.server.store.StopSignal;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredBatchCounts;
import io.caravan.server.store.StoredBatchStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run of one batch, from its stored status to its end. Every step is repeatable: answers are
 * read back from the result files, and ids of published files derive from the batch id.
 */
final class BatchRun {
  private static final Logger log = LoggerFactory.getLogger(BatchRun.class);

  private final Lease lease;
  private final StopSignal signal;
  private final Publication publication;
  private final Dispatcher dispatcher;
  private final ServerSettings settings;
  private final DiskQuota quota;
  private final Permits permits;
  private final OtherProviders others;
  private final Clock clock;
  private @Nullable InputOrder order;
  private volatile @Nullable Tally tally;
  private volatile @Nullable BatchExecution execution;

  BatchRun(
      Lease lease,
      StopSignal signal,
      Publication publication,
      Dispatcher dispatcher,
      ServerSettings settings,
      DiskQuota quota,
      Permits permits,
      OtherProviders others,
      Clock clock) {
    this.lease = lease;
    this.signal = signal;
    this.publication = publication;
    this.dispatcher = dispatcher;
    this.settings = settings;
    this.quota = quota;
    this.permits = permits;
    this.others = others;
    this.clock = clock;
  }

  StoredBatch view(StoredBatch batch) {
    Tally counting = tally;
    return counting == null || batch.sealed() ? batch : batch.with(counting.progress());
  }

  /** The current throughput; null while no requests are executed here. */
  @Nullable BatchPace pace() {
    BatchExecution running = execution;
    Tally counting = tally;
    return running == null || counting == null ? null : running.pace(counting.left(), clock);
  }

  /** Reports the progress to other replicas. */
  void report() {
    Tally counting = tally;
    if (counting != null) {
      lease.report(counting.progress());
    }
  }

  /** Runs the batch until it ends or is paused. */
  void proceed() throws IOException {
    if (!lease.batch().status().terminal()) {
      lease.open();
    }
    if (lease.batch().order().form().local()) {
      runHere();
    } else if (!lease.batch().status().terminal()) {
      new Delegation(others, lease, signal, clock).run();
    }
    if (!paused()) {
      publish();
    }
  }

  private void runHere() throws IOException {
    try {
      validate();
      answer();
    } catch (InterruptedException e) {
      // stopped: the reason in the signal decides what follows
    }
    if (!paused()) {
      seal();
    }
  }

  private boolean paused() {
    return signal.reason() == Stop.PAUSE;
  }

  private void validate() throws IOException, InterruptedException {
    StoredBatch batch = lease.batch();
    if (batch.status() == StoredBatchStatus.VALIDATING) {
      settle(check(batch.order().form(), permits.models(batch.order().owner())));
    }
  }

  private InputCheck.Verdict check(BatchForm form, Predicate<String> models)
      throws IOException, InterruptedException {
    InputCheck.Verdict verdict =
        signal.during(() -> InputCheck.check(input(), form, settings, models));
    order = verdict instanceof Valid valid ? valid.order() : null;
    return verdict;
  }

  /**
   * Reads the file again after a restart, since line offsets are kept in memory only. Models are
   * not checked again: the check has passed, and permissions may have been reduced since.
   */
  private InputOrder order(BatchForm form) throws IOException, InterruptedException {
    if (order == null && check(form, any -> true) instanceof Refused refused) {
      throw new IOException("the input file has changed: " + refused.problems());
    }
    return Objects.requireNonNull(order);
  }

  private void settle(InputCheck.Verdict verdict) {
    lease.update(current ->
        current.status() != StoredBatchStatus.VALIDATING
            ? current
            : switch (verdict) {
              case Valid valid ->
                  current
                      .with(valid.start())
                      .become(StoredBatchStatus.IN_PROGRESS, clock.instant());
              case Refused refused ->
                  current
                      .with(refused.problems())
                      .become(StoredBatchStatus.FAILED, clock.instant());
            });
  }

  private void answer() throws IOException, InterruptedException {
    StoredBatch batch = lease.batch();
    if (batch.status() != StoredBatchStatus.IN_PROGRESS || batch.sealed()) {
      return;
    }
    if (!clock.instant().isBefore(batch.order().expiresAt())) {
      signal.stop(Stop.EXPIRE);
    }
    if (signal.reason() != null) {
      return;
    }
    if (!quota.hasRoom(settings.maxLineBytes())) {
      throw new IOException(
          "there is no room for results within caravan.server.max-disk, or the disk is full");
    }
    BatchForm form = batch.order().form();
    try (var requests = new InputReader(input(), order(form));
        ResultFiles results = resultFiles(batch)) {
      var running =
          new BatchExecution(
              form,
              permits.maxPriority(batch.order().owner()),
              batch.progress().model(),
              dispatcher,
              requests,
              results);
      execution = running;
      signal.during(() -> {
        running.run(settings.progressInterval(), this::tell);
        return true;
      });
      results.sync();
    } finally {
      execution = null;
    }
  }

  private void tell() {
    BatchPace pace = pace();
    if (pace != null) {
      StoredBatchCounts counts = view(lease.batch()).progress().counts();
      log.info(
          "batch={} total={} completed={} failed={} requests_per_second={} in_flight={} concurrency={} retries={} ends={}",
          lease.id(),
          counts.total(),
          counts.completed(),
          counts.failed(),
          pace.requestsPerSecond(),
          pace.inFlight(),
          pace.concurrency(),
          pace.retries(),
          pace.estimatedEndAt() == null ? "unknown" : Instant.ofEpochSecond(pace.estimatedEndAt()));
    }
  }

  /** Writes a line for each unanswered request of a stopped batch, and freezes the counts. */
  private void seal() throws IOException {
    StoredBatch batch = lease.batch();
    if (batch.status().terminal() || batch.sealed()) {
      return;
    }
    boolean stopped = signal.reason() != null || batch.status() == StoredBatchStatus.CANCELLING;
    boolean cut = stopped && batch.started() && fill(batch);
    lease.update(current -> {
      StoredBatch sealed = view(current).seal(view(current).progress());
      boolean whole = current.status() == StoredBatchStatus.IN_PROGRESS && !cut;
      return whole ? sealed.become(StoredBatchStatus.FINALIZING, clock.instant()) : sealed;
    });
  }

  private void publish() throws IOException {
    StoredBatch batch = lease.batch();
    if (!batch.status().terminal()) {
      StoredBatch published = publication.publish(batch, lease.folder());
      lease.update(current ->
          current
              .publish(published.outputFileId(), published.errorFileId())
              .become(end(current.status()), clock.instant()));
    }
    lease.end();
  }

  private static StoredBatchStatus end(StoredBatchStatus status) {
    return switch (status) {
      case FINALIZING -> StoredBatchStatus.COMPLETED;
      case CANCELLING -> StoredBatchStatus.CANCELLED;
      case IN_PROGRESS -> StoredBatchStatus.EXPIRED;
      case VALIDATING, COMPLETED, FAILED, EXPIRED, CANCELLED ->
          throw new IllegalStateException("No terminal status follows " + status);
    };
  }

  private boolean fill(StoredBatch batch) throws IOException {
    try (ResultFiles results = resultFiles(batch)) {
      return new UnansweredRequests(input(), settings)
          .fill(results, batch.status() == StoredBatchStatus.CANCELLING);
    }
  }

  private ResultFiles resultFiles(StoredBatch batch) throws IOException {
    Tally fresh = new Tally(batch.progress());
    var results = new ResultFiles(lease.folder(), fresh, lease.journal(), quota);
    tally = fresh;
    return results;
  }

  private Path input() {
    return lease.folder().input();
  }
}
