package io.caravan.server;

import io.caravan.server.OtherProviders.Standing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Has another provider answer a batch, and takes over what came of it. */
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

  /** Until every request has its line here, the batch is refused, or it is told to pause. */
  void run() throws IOException {
    Batch.Order order = lease.batch().order();
    BatchForm form = order.form();
    Path input = lease.folder().input();
    if (Files.notExists(input)) {
      refuse(List.of(BatchProblem.noInput(form.inputFileId())));
      return;
    }
    follow(providers.submit(form.provider(), lease.id(), Owner.client(order.owner()), input));
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
      return; // told to stop: the loop looks at the reason
    }
  }

  private void show(Standing standing) {
    if (standing.total() > 0) {
      lease.update(current -> started(current).with(progress(standing)));
    }
  }

  private Batch started(Batch current) {
    return current.status() == BatchStatus.VALIDATING
        ? current.become(BatchStatus.IN_PROGRESS, clock.instant())
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
      Batch sealed = started(current).seal(progress(standing));
      return sealed.status() == BatchStatus.IN_PROGRESS
          ? sealed.become(BatchStatus.FINALIZING, clock.instant())
          : sealed;
    });
  }

  /** One that is cancelled meanwhile ends so. */
  private void refuse(List<BatchProblem> problems) {
    lease.update(current ->
        current.status() == BatchStatus.VALIDATING
            ? current.with(problems).become(BatchStatus.FAILED, clock.instant())
            : current.with(problems).seal(current.progress()));
  }

  private void copy(String id) throws IOException {
    Path output = lease.folder().path().resolve("output.copy");
    Path errors = lease.folder().path().resolve("errors.copy");
    providers.copy(id, output, errors);
    for (var copied : List.of(output, errors)) {
      Disk.sync(copied);
    }
    Files.move(output, lease.folder().output(), StandardCopyOption.ATOMIC_MOVE);
    Files.move(errors, lease.folder().errors(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static Progress progress(Standing standing) {
    return new Progress(
        standing.model(),
        new RequestCounts(standing.total(), standing.completed(), standing.failed()),
        Usage.of(standing.inputTokens(), standing.outputTokens()));
  }
}
