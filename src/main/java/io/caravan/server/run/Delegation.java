package io.caravan.server.run;

import io.caravan.server.store.BatchForm;
import io.caravan.server.store.BatchProblem;
import io.caravan.server.store.BatchProgress;
import io.caravan.server.store.DurableFiles;
import io.caravan.server.store.Lease;
import io.caravan.server.store.OtherProviders;
import io.caravan.server.store.OtherProviders.Standing;
import io.caravan.server.store.Owner;
import io.caravan.server.store.Stop;
import io.caravan.server.store.StopSignal;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredBatchCounts;
import io.caravan.server.store.StoredBatchStatus;
import io.caravan.server.wire.BatchUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** The run of a batch at another provider: submits it, polls it and copies its results. */
final class Delegation {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final OtherProviders providers;
  private final Lease lease;
  private final StopSignal signal;
  private final Clock clock;

  Delegation(OtherProviders providers, Lease lease, StopSignal signal, Clock clock) {
    this.providers = providers;
    this.lease = lease;
    this.signal = signal;
    this.clock = clock;
  }

  /** Returns when every request has its line here, or the batch is refused or paused. */
  void run() throws IOException {
    if (lease.batch().sealed() && hasResults()) {
      return; // otherwise the replica that copied the results is gone, and its folder with it
    }
    StoredBatch.Order order = lease.batch().order();
    BatchForm form = order.form();
    Path input = lease.folder().input();
    if (Files.notExists(input)) {
      refuse(List.of(BatchProblem.noInput(form.inputFileId())));
      return;
    }
    follow(providers.submit(form.provider(), lease.id(), Owner.client(order.owner()), input));
  }

  private boolean hasResults() throws IOException {
    return !DurableFiles.isEmpty(lease.folder().output())
        || !DurableFiles.isEmpty(lease.folder().errors());
  }

  private void follow(String id) throws IOException {
    Standing standing = providers.look(id);
    boolean cancelled = false;
    while (!standing.ended() && signal.reason() != Stop.PAUSE) {
      if (signal.reason() == Stop.CANCEL && !cancelled) {
        providers.cancel(id);
        cancelled = true;
      }
      show(standing);
      rest();
      standing = providers.look(id);
    }
    if (standing.ended()) {
      take(id, standing);
    }
  }

  private void rest() throws IOException {
    try {
      signal.during(() -> {
        Thread.sleep(PAUSE);
        return true;
      });
    } catch (InterruptedException e) {
      return; // stopped: the loop checks the reason
    }
  }

  private void show(Standing standing) {
    if (standing.total() > 0) {
      lease.update(current -> started(current).with(progress(standing)));
    }
  }

  private StoredBatch started(StoredBatch current) {
    return current.status() == StoredBatchStatus.VALIDATING
        ? current.become(StoredBatchStatus.IN_PROGRESS, clock.instant())
        : current;
  }

  private void take(String id, Standing standing) throws IOException {
    if (!standing.problems().isEmpty()) {
      refuse(
          standing.problems().stream()
              .map(problem -> new BatchProblem("invalid_request", problem, null, null))
              .toList());
      return;
    }
    copy(id);
    lease.update(current -> {
      StoredBatch sealed = started(current).seal(progress(standing));
      return sealed.status() == StoredBatchStatus.IN_PROGRESS
          ? sealed.become(StoredBatchStatus.FINALIZING, clock.instant())
          : sealed;
    });
  }

  /** Fails a batch in validation; seals any other, such as one that is being cancelled. */
  private void refuse(List<BatchProblem> problems) {
    lease.update(current ->
        current.status() == StoredBatchStatus.VALIDATING
            ? current.with(problems).become(StoredBatchStatus.FAILED, clock.instant())
            : current.with(problems).seal(current.progress()));
  }

  private void copy(String id) throws IOException {
    Path output = lease.folder().path().resolve("output.copy");
    Path errors = lease.folder().path().resolve("errors.copy");
    providers.copy(id, output, errors);
    for (var copied : List.of(output, errors)) {
      DurableFiles.sync(copied);
    }
    Files.move(output, lease.folder().output(), StandardCopyOption.ATOMIC_MOVE);
    Files.move(errors, lease.folder().errors(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static BatchProgress progress(Standing standing) {
    return new BatchProgress(
        standing.model(),
        new StoredBatchCounts(standing.total(), standing.completed(), standing.failed()),
        BatchUsage.of(standing.inputTokens(), standing.outputTokens()));
  }
}
