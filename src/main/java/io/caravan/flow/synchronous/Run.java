package io.caravan.flow.synchronous;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.call.Call;
import io.caravan.call.RetryDelay;
import io.caravan.call.UpstreamReply;
import io.caravan.jsonl.FileWindow;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.StrictJson;
import io.caravan.jsonl.split.PartLines;
import io.caravan.provider.Provider;
import io.caravan.provider.SingleCall;
import io.caravan.provider.SingleRequest;
import io.caravan.provider.UntranslatableException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out one order. One thread reads the file and begins calls; their answers are judged and
 * written by others, several at a time.
 */
final class Run {
  /** Fewer failures in a row than this say nothing about the provider. */
  private static final int MANY_FAILURES = 10;

  private final SynchronousOrder order;
  private final Provider provider;
  private final String serviceTier;
  private final SynchronousProperties settings;
  private final Lane lane;
  private final Charges charges;
  private final Judge judge;
  private final RetryDelay delay;
  private final Clock clock;
  private final Executor judges;
  private final CompletableFuture<SynchronousOutcome> outcome = new CompletableFuture<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<Call> inFlight = new HashSet<>();
  private final WaitingAttempts waiting = new WaitingAttempts();
  private final RunTally tally = new RunTally();
  private final Set<String> modelsWithoutTier = new HashSet<>();
  private long callsEnded;
  private Instant lastAnswer;
  private int failuresSince;
  private @Nullable Throwable failure;
  private boolean cancelled;
  private volatile boolean ending;

  /**
   * @param serviceTier to send; blank for none
   * @param judges runs what comes after each call
   */
  Run(
      SynchronousOrder order,
      Provider provider,
      String serviceTier,
      SynchronousProperties settings,
      Lane lane,
      Charges charges,
      Clock clock,
      Executor judges) {
    this.order = order;
    this.provider = provider;
    this.serviceTier = serviceTier;
    this.settings = settings;
    this.lane = lane;
    this.charges = charges;
    this.judge = new Judge(provider, order.tier(), charges, clock);
    this.delay = settings.delay(clock);
    this.clock = clock;
    this.judges = judges;
    this.lastAnswer = clock.instant();
  }

  CompletableFuture<SynchronousOutcome> outcome() {
    return outcome;
  }

  /** Ends the run: calls in flight are aborted, and what is in the file stays. */
  void cancel() {
    lock.lock();
    try {
      cancelled = true;
    } finally {
      lock.unlock();
    }
    end();
  }

  private void end() {
    List<Call> running;
    lock.lock();
    try {
      ending = true;
      running = cancelled || failure != null ? List.copyOf(inFlight) : List.of();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    running.forEach(Call::cancel);
  }

  private void fail(Throwable problem) {
    lock.lock();
    try {
      failure = failure == null ? problem : failure;
    } finally {
      lock.unlock();
    }
    end();
  }

  /** Sends all requests, and completes the outcome. */
  void work() {
    SynchronousOutcome done = null;
    try {
      Files.createDirectories(order.answers().toAbsolutePath().getParent());
      try (LineLog answers = LineLog.open(order.answers());
          CallJournal journal = CallJournal.open(order.journal())) {
        Earlier earlier = resume(journal);
        var sending = new Sending(answers, journal);
        long requests = sending.all(earlier);
        answers.flush();
        done = tally.outcome(requests, journal.repeated());
      }
    } catch (InterruptedException e) {
      cancel();
    } catch (IOException | RuntimeException | Error e) {
      fail(e);
    }
    complete(done);
  }

  private void complete(@Nullable SynchronousOutcome done) {
    if (cancelled) {
      outcome.completeExceptionally(new CancellationException("the run was stopped"));
    } else if (failure != null) {
      outcome.completeExceptionally(failure);
    } else {
      outcome.complete(done);
    }
  }

  private Earlier resume(CallJournal journal) throws IOException {
    Earlier earlier = Earlier.read(order, journal, charges);
    tally.add(earlier, journal);
    if (journal.spent().signum() > 0) {
      order.gate().spent(BigDecimal.ZERO, journal.spent());
    }
    return earlier;
  }

  private boolean isLate() {
    return order.until() != null && !clock.instant().isBefore(order.until());
  }

  /** The requests on their way, and the files they come from and go to. */
  private final class Sending {
    private final LineLog answers;
    private final CallJournal journal;

    Sending(LineLog answers, CallJournal journal) {
      this.answers = answers;
      this.journal = journal;
    }

    /** Sends all requests that are not done; returns how many there are in the file. */
    long all(Earlier earlier) throws IOException, InterruptedException {
      try (LineReader lines = PartLines.open(order.requests());
          FileWindow again = FileWindow.open(order.requests())) {
        boolean more = true;
        while (!ending && (more || !isIdle())) {
          Attempt due = due(more);
          if (due != null) {
            ByteBuffer line = again.at(due.offset(), due.length());
            send(due, line.array(), line.arrayOffset() + line.position());
          } else if (more) {
            more = lines.next();
            if (more && !earlier.done().get((int) lines.number())) {
              int length = (int) lines.length();
              var first = new Attempt((int) lines.number(), lines.offset(), length, 0, 0);
              send(first, lines.buffer(), lines.start());
            }
          }
        }
        while (lines.next()) {} // counts the rest
        return lines.number();
      } finally {
        awaitCalls();
      }
    }

    /** Whether nothing is in flight or waiting. */
    private boolean isIdle() {
      lock.lock();
      try {
        return inFlight.isEmpty() && waiting.size() == 0;
      } finally {
        lock.unlock();
      }
    }

    /** Requests that wait do not occupy slots, but limit how far the file is read ahead. */
    private boolean canRead(boolean more) {
      return more && waiting.size() < settings.maxConcurrency();
    }

    /** Waits for a request that is due; null if one can be read, or all are done. */
    private @Nullable Attempt due(boolean more) throws InterruptedException {
      lock.lock();
      try {
        Attempt due = waiting.poll();
        while (due == null && !ending && !canRead(more) && !isIdle()) {
          var unused = changed.awaitNanos(waiting.nanosUntilDue());
          due = waiting.poll();
        }
        return due;
      } finally {
        lock.unlock();
      }
    }

    private void awaitCalls() throws InterruptedException {
      lock.lock();
      try {
        while (!inFlight.isEmpty()) {
          changed.await();
        }
      } finally {
        lock.unlock();
      }
    }

    private void send(Attempt attempt, byte[] line, int start)
        throws IOException, InterruptedException {
      JsonNode parsed = StrictJson.MAPPER.readTree(line, start, attempt.length());
      var request =
          new SingleRequest(
              parsed.path("custom_id").asText(),
              parsed.path("url").asText(),
              parsed.at("/body/model").asText());
      SingleCall call = call(request, parsed);
      if (call == null) {
        return;
      }
      Optional<Charges.Most> most =
          charges.most(request.model(), request.url(), call.body(), line, start, attempt.length());
      if (most.isEmpty() && order.gate().hasLimit()) {
        stop(
            "there is a limit of money, and no price of %s in caravan.prices"
                .formatted(request.model()));
        tally(RunTally::outOfMoney);
        return;
      }
      var sent =
          new Sent(
              attempt,
              request,
              most.orElseGet(() -> new Charges.Most(BigDecimal.ZERO, BigDecimal.ZERO)));
      byte[] body = StrictJson.MAPPER.writeValueAsBytes(call.body());
      if (begin(sent, body.length)) {
        post(sent, call.path(), body);
      }
    }

    /** The call for a request; null if it cannot be sent. */
    private @Nullable SingleCall call(SingleRequest request, JsonNode line) throws IOException {
      boolean hasTier =
          order.tier() == Tier.STANDARD || provider.singleCalls().hasTiers(request.url());
      Optional<String> model = provider.synchronous().model(request.model());
      if (!hasTier || model.isEmpty()) {
        problem(
            hasTier
                ? "%s takes batches only, see synchronous.models".formatted(request.model())
                : "%s has no %s tier".formatted(request.url(), order.tier().word()));
        return null;
      }
      if (isWithoutTier(request.model())) {
        return null;
      }
      try {
        return provider.singleCalls().call(line, model.get(), serviceTier, provider);
      } catch (UntranslatableException e) {
        String message = String.valueOf(e.getMessage());
        answers.append(Judge.ownError(request.customId(), "unsupported_parameter", message));
        tally(counts -> counts.ended(false));
        return null;
      }
    }

    /** Waits for a slot and for money; returns false if the run has to end before. */
    private boolean begin(Sent sent, int bytes) throws IOException, InterruptedException {
      while (lane.take(bytes, () -> ending || isLate())) {
        long before = callsEnded();
        if (!isLate() && !ending && reserve(sent.most.total())) {
          note(sent, bytes);
          return true;
        }
        lane.giveBack(bytes);
        if (isLate() || ending) {
          break;
        }
        if (!awaitMoney(before)) {
          tally(RunTally::outOfMoney);
          end();
          return false;
        }
      }
      if (isLate()) {
        tally(RunTally::late);
        end();
      }
      return false;
    }

    /** Notes the call; if that fails, gives its slot and its money back to the other runs. */
    private void note(Sent sent, int bytes) throws IOException {
      boolean noted = false;
      try {
        var begun = new CallJournal.Begun(sent.most.total(), sent.request.model());
        journal.begun(sent.attempt.line(), begun);
        noted = true;
      } finally {
        if (!noted) {
          lane.giveBack(bytes);
          settle(sent, BigDecimal.ZERO);
        }
      }
    }

    private boolean reserve(BigDecimal most) {
      return most.signum() == 0 || order.gate().reserve(most);
    }

    private long callsEnded() {
      lock.lock();
      try {
        return callsEnded;
      } finally {
        lock.unlock();
      }
    }

    /**
     * Waits until another call ends, which costs less than was reserved; returns false if none is
     * in flight.
     */
    private boolean awaitMoney(long before) throws InterruptedException {
      lock.lock();
      try {
        while (callsEnded == before && !inFlight.isEmpty() && !ending) {
          changed.await();
        }
        return callsEnded != before || ending;
      } finally {
        lock.unlock();
      }
    }

    private void post(Sent sent, String path, byte[] body) {
      var call = new Call(false);
      lock.lock();
      try {
        inFlight.add(call);
        if (ending && (cancelled || failure != null)) {
          call.cancel();
        }
      } finally {
        lock.unlock();
      }
      var unused =
          posted(path, body, call)
              .whenCompleteAsync(
                  (heard, problem) -> {
                    try {
                      ended(sent, heard, problem);
                    } catch (IOException | RuntimeException | Error e) {
                      fail(e);
                    } finally {
                      lane.giveBack(body.length);
                      forget(call);
                    }
                  },
                  judges);
    }

    private CompletableFuture<Heard> posted(String path, byte[] body, Call call) {
      try {
        return lane.post(path, body, call);
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private void forget(Call call) {
      lock.lock();
      try {
        inFlight.remove(call);
        callsEnded++;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private void ended(Sent sent, @Nullable Heard heard, @Nullable Throwable problem)
        throws IOException {
      if (heard == null) {
        settle(sent, sent.most.total()); // aborted; the journal still has it in flight
        if (!(problem instanceof CancellationException)) {
          fail(problem == null ? new IllegalStateException("no outcome") : problem);
        }
        return;
      }
      switch (judge.of(sent.request, sent.most, heard)) {
        case Verdict.Final end -> {
          answers.append(end.line());
          journal.answered(sent.attempt.line(), end.cost());
          settle(sent, end.cost());
          tally(counts -> counts.ended(end.success()));
          answered();
        }
        case Verdict.Again again -> {
          close(sent, again.charged());
          again(sent, again);
        }
        case Verdict.NoTier none -> {
          close(sent, false);
          withoutTier(sent.request.model());
          problem(none.problem());
        }
        case Verdict.AccessRefused refused -> {
          close(sent, false);
          stop(refused.problem());
        }
      }
    }

    /** Closes a call without an answer. */
    private void close(Sent sent, boolean charged) throws IOException {
      if (charged) {
        journal.lost(sent.attempt.line());
      } else {
        journal.free(sent.attempt.line());
      }
      settle(sent, charged ? sent.most.total() : BigDecimal.ZERO);
    }

    private void settle(Sent sent, @Nullable BigDecimal actual) {
      tally(counts -> counts.cost(actual));
      if (sent.most.total().signum() > 0) {
        order.gate().spent(sent.most.total(), actual == null ? BigDecimal.ZERO : actual);
      }
    }

    private void again(Sent sent, Verdict.Again again) {
      problem(again.problem());
      Attempt next = sent.attempt.next(again.noCapacity());
      boolean givenUp =
          next.made() >= order.maxAttempts() || next.withoutCapacity() >= settings.flexAttempts();
      Duration wait = wait(next.made(), again.reply());
      boolean late = order.until() != null && clock.instant().plus(wait).isAfter(order.until());
      lock.lock();
      try {
        failuresSince++;
        if (!givenUp && late) {
          tally.late();
        } else if (!givenUp) {
          waiting.add(next, wait);
        }
      } finally {
        lock.unlock();
      }
      if (isSilent()) {
        stop(
            "the provider has answered no request for %s: %s"
                .formatted(settings.patience(), again.problem()));
      }
    }

    private Duration wait(int made, @Nullable UpstreamReply reply) {
      return delay.beforeTry(made, name -> reply == null ? Optional.empty() : reply.header(name));
    }
  }

  /**
   * A request in flight.
   *
   * @param most what is reserved for it
   */
  private record Sent(Attempt attempt, SingleRequest request, Charges.Most most) {}

  private boolean isSilent() {
    lock.lock();
    try {
      return failuresSince >= MANY_FAILURES
          && lastAnswer.plus(settings.patience()).isBefore(clock.instant());
    } finally {
      lock.unlock();
    }
  }

  private void answered() {
    lock.lock();
    try {
      failuresSince = 0;
      lastAnswer = clock.instant();
    } finally {
      lock.unlock();
    }
  }

  private boolean isWithoutTier(String model) {
    lock.lock();
    try {
      return modelsWithoutTier.contains(model);
    } finally {
      lock.unlock();
    }
  }

  private void withoutTier(String model) {
    lock.lock();
    try {
      modelsWithoutTier.add(model);
    } finally {
      lock.unlock();
    }
  }

  /** Begins no more calls. */
  private void stop(String why) {
    problem(why);
    end();
  }

  private void problem(String problem) {
    tally(counts -> counts.problem(problem));
  }

  private void tally(Consumer<RunTally> change) {
    lock.lock();
    try {
      change.accept(tally);
    } finally {
      lock.unlock();
    }
  }
}
