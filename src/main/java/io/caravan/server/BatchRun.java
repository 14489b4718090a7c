package io.caravan.server;

import io.caravan.server.InputCheck.Refused;
import io.caravan.server.InputCheck.Valid;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Takes one batch from where it is to its end. Every step can be repeated: answers are read back
 * from the result files, and published files have identifiers that follow from the batch's.
 */
final class BatchRun {
  private final Lease lease;
  private final StopSignal signal;
  private final Publication publication;
  private final Dispatcher dispatcher;
  private final ServerSettings settings;
  private final Clock clock;
  private volatile @Nullable Tally tally;

  BatchRun(
      Lease lease,
      StopSignal signal,
      Publication publication,
      Dispatcher dispatcher,
      ServerSettings settings,
      Clock clock) {
    this.lease = lease;
    this.signal = signal;
    this.publication = publication;
    this.dispatcher = dispatcher;
    this.settings = settings;
    this.clock = clock;
  }

  Batch view(Batch batch) {
    Tally counting = tally;
    return counting == null || batch.sealed() ? batch : batch.with(counting.progress());
  }

  /** Shows others how far it is. */
  void report() {
    Tally counting = tally;
    if (counting != null) {
      lease.report(counting.progress());
    }
  }

  /** Goes as far as the batch goes, or until it is paused. */
  void proceed() throws IOException {
    if (!lease.batch().status().terminal()) {
      lease.open();
    }
    try {
      validate();
      answer();
    } catch (InterruptedException e) {
      // told to stop: the reason is noted, and decides what follows
    }
    if (!paused()) {
      seal();
      publish();
    }
  }

  private boolean paused() {
    return signal.reason() == Stop.PAUSE;
  }

  private void validate() throws IOException, InterruptedException {
    Batch batch = lease.batch();
    if (batch.status() == BatchStatus.VALIDATING) {
      BatchForm form = batch.order().form();
      settle(signal.during(() -> InputCheck.check(input(), form, settings)));
    }
  }

  private void settle(InputCheck.Verdict verdict) {
    lease.update(current ->
        current.status() != BatchStatus.VALIDATING
            ? current
            : switch (verdict) {
              case Valid valid ->
                  current.with(valid.start()).become(BatchStatus.IN_PROGRESS, clock.instant());
              case Refused refused ->
                  current.with(refused.problems()).become(BatchStatus.FAILED, clock.instant());
            });
  }

  private void answer() throws IOException, InterruptedException {
    Batch batch = lease.batch();
    if (batch.status() != BatchStatus.IN_PROGRESS || batch.sealed()) {
      return;
    }
    if (!clock.instant().isBefore(batch.order().expiresAt())) {
      signal.stop(Stop.EXPIRE);
    }
    if (signal.reason() != null) {
      return;
    }
    try (ResultFiles results = resultFiles(batch)) {
      var execution = new Execution(dispatcher, settings, batch.order().form().endpoint(), results);
      signal.during(() -> {
        execution.run(input());
        return true;
      });
      results.sync();
    }
  }

  /** Gives every request without an answer its line, and settles the counts. */
  private void seal() throws IOException {
    Batch batch = lease.batch();
    if (batch.status().terminal() || batch.sealed()) {
      return;
    }
    boolean stopped = signal.reason() != null || batch.status() == BatchStatus.CANCELLING;
    boolean cut = stopped && batch.started() && fill(batch);
    lease.update(current -> {
      Batch sealed = view(current).seal(view(current).progress());
      boolean whole = current.status() == BatchStatus.IN_PROGRESS && !cut;
      return whole ? sealed.become(BatchStatus.FINALIZING, clock.instant()) : sealed;
    });
  }

  private void publish() throws IOException {
    Batch batch = lease.batch();
    if (!batch.status().terminal()) {
      Batch published = publication.publish(batch, lease.folder());
      lease.update(current ->
          current
              .publish(published.outputFileId(), published.errorFileId())
              .become(end(current.status()), clock.instant()));
    }
    lease.end();
  }

  private static BatchStatus end(BatchStatus status) {
    return switch (status) {
      case FINALIZING -> BatchStatus.COMPLETED;
      case CANCELLING -> BatchStatus.CANCELLED;
      case IN_PROGRESS -> BatchStatus.EXPIRED;
      case VALIDATING, COMPLETED, FAILED, EXPIRED, CANCELLED ->
          throw new IllegalStateException("No end follows " + status);
    };
  }

  private boolean fill(Batch batch) throws IOException {
    try (ResultFiles results = resultFiles(batch)) {
      return new Remainder(input(), settings)
          .fill(results, batch.status() == BatchStatus.CANCELLING);
    }
  }

  private ResultFiles resultFiles(Batch batch) throws IOException {
    Tally fresh = new Tally(batch.progress());
    var results = new ResultFiles(lease.folder(), fresh, lease.journal());
    tally = fresh;
    return results;
  }

  private Path input() {
    return lease.folder().input();
  }
}
