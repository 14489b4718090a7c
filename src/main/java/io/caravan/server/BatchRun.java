package io.caravan.server;

import io.caravan.server.InputCheck.Refused;
import io.caravan.server.InputCheck.Valid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Takes one batch from where it is to its end. Every step can be repeated: answers are read back
 * from the result files, and published files have identifiers that follow from the batch's.
 */
final class BatchRun {
  private final String id;
  private final BatchStore batches;
  private final Publication publication;
  private final Dispatcher dispatcher;
  private final ServerSettings settings;
  private final Clock clock;
  private final AtomicReference<@Nullable Stop> stop = new AtomicReference<>();
  private volatile @Nullable Tally tally;

  BatchRun(
      String id,
      BatchStore batches,
      Publication publication,
      Dispatcher dispatcher,
      ServerSettings settings,
      Clock clock) {
    this.id = id;
    this.batches = batches;
    this.publication = publication;
    this.dispatcher = dispatcher;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Whether the running thread is now to be interrupted: the first reason counts, but for a pause.
   */
  boolean stop(Stop reason) {
    Stop before = stop.getAndUpdate(old -> old == null || reason == Stop.PAUSE ? reason : old);
    return before == null || reason == Stop.PAUSE;
  }

  boolean due() {
    Batch batch = batch();
    return batch.status() == BatchStatus.IN_PROGRESS
        && !clock.instant().isBefore(batch.order().expiresAt());
  }

  boolean paused() {
    return stop.get() == Stop.PAUSE;
  }

  Batch view(Batch batch) {
    Tally counting = tally;
    return counting == null || batch.sealed() ? batch : batch.with(counting.progress());
  }

  /** Goes as far as the batch goes, or until it is paused. */
  void proceed() throws IOException {
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

  private void validate() throws IOException, InterruptedException {
    Batch batch = batch();
    if (batch.status() != BatchStatus.VALIDATING) {
      return;
    }
    var verdict = InputCheck.check(batches.folder(batch).input(), batch.order().form(), settings);
    batches.update(
        id,
        current ->
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
    Batch batch = batch();
    if (due()) {
      stop(Stop.EXPIRE);
    }
    if (batch.status() != BatchStatus.IN_PROGRESS || batch.sealed() || stop.get() != null) {
      return;
    }
    if (!batches.quota().hasRoom(settings.maxLineBytes())) {
      throw new IOException("there is no room for results within caravan.server.max-disk");
    }
    try (ResultFiles results = open(batch)) {
      new Execution(dispatcher, settings, batch.order().form().endpoint(), results)
          .run(batches.folder(batch).input());
      results.sync();
    }
  }

  /** Gives every request without an answer its line, and settles the counts. */
  private void seal() throws IOException {
    Batch batch = batch();
    if (batch.status().terminal() || batch.sealed()) {
      return;
    }
    boolean stopped = stop.get() != null || batch.status() == BatchStatus.CANCELLING;
    boolean cut = stopped && batch.started() && fill(batch);
    batches.update(
        id,
        current -> {
          Batch sealed = view(current).seal(view(current).progress());
          boolean whole = current.status() == BatchStatus.IN_PROGRESS && !cut;
          return whole ? sealed.become(BatchStatus.FINALIZING, clock.instant()) : sealed;
        });
  }

  private void publish() throws IOException {
    Batch batch = batch();
    if (!batch.status().terminal()) {
      Batch published = publication.publish(batch, batches.folder(batch));
      batches.update(
          id,
          current ->
              current
                  .publish(published.outputFileId(), published.errorFileId())
                  .become(end(current.status()), clock.instant()));
    }
    batches.folder(batch).clear();
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
    try (ResultFiles results = open(batch)) {
      return new Remainder(batches.folder(batch).input(), settings)
          .fill(results, batch.status() == BatchStatus.CANCELLING);
    }
  }

  private ResultFiles open(Batch batch) throws IOException {
    Tally fresh = new Tally(batch.progress());
    var results = new ResultFiles(batches.folder(batch), fresh, batches.quota());
    tally = fresh;
    return results;
  }

  private Batch batch() {
    return batches.find(id).orElseThrow(() -> new UncheckedIOException(new IOException(id)));
  }
}
