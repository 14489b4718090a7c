package io.caravan.flow.step;

import io.caravan.call.Call;
import io.caravan.flow.call.Pauses;
import io.caravan.flow.late.FallbackLadder;
import io.caravan.flow.synchronous.SynchronousCalls;
import io.caravan.flow.synchronous.SynchronousOrder;
import io.caravan.flow.synchronous.SynchronousOutcome;
import io.caravan.job.BatchError;
import io.caravan.job.BatchErrors;
import io.caravan.job.Claims;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.send.CallBudgets;
import io.caravan.lease.Replica;
import io.caravan.lease.StaleRowException;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Sends the requests of parts one by one, in the tier that the part names. */
@Component("callRequests")
public class CallRequests {
  private static final Logger LOG = LoggerFactory.getLogger(CallRequests.class);

  /** Parts at the same time; they share the connections to their provider. */
  private static final int MOST = 8;

  private static final long IDLE_MILLIS = 500;
  private static final String OUT_OF_MONEY = "fallback_cost_limit";

  private final JobStore store;
  private final Claims claims;
  private final Workspace workspace;
  private final FallbackLadder ladder;
  private final SynchronousCalls calls;
  private final CallBudgets budgets;
  private final Replica replica;
  private final JobsToEnd jobsToEnd;
  private final Pauses pauses;
  private final Clock clock;
  private final Map<String, Running> running = new ConcurrentHashMap<>();

  /** The calls of a part, which may be stopped. */
  private record Running(Part part, Call stop) {}

  CallRequests(
      JobStore store,
      Claims claims,
      Workspace workspace,
      FallbackLadder ladder,
      SynchronousCalls calls,
      CallBudgets budgets,
      Replica replica,
      JobsToEnd jobsToEnd,
      Pauses pauses,
      Clock clock) {
    this.store = store;
    this.claims = claims;
    this.workspace = workspace;
    this.ladder = ladder;
    this.calls = calls;
    this.budgets = budgets;
    this.replica = replica;
    this.jobsToEnd = jobsToEnd;
    this.pauses = pauses;
    this.clock = clock;
  }

  /** Time until the next look. */
  public long millisUntilNextTurn() {
    return IDLE_MILLIS;
  }

  /** Claims parts whose requests are to be sent, and stops the calls of jobs that end. */
  public List<Part> claimDue() {
    running.values().stream().filter(it -> isToStop(it.part())).forEach(it -> it.stop().cancel());
    int free = MOST - running.size();
    return free <= 0 ? List.of() : claims.claimCalls(clock.instant(), free, pauses.paused());
  }

  private boolean isToStop(Part part) {
    return !replica.holds(part.owner()) || jobsToEnd.reason(part).isPresent();
  }

  /** Sends the requests; the exchange goes on once all of them have ended. */
  public CompletionStage<Void> call(@Body Part claimed) throws IOException {
    Part part =
        claimed.status() == PartStatus.CALLING
            ? claimed
            : store.update(
                claimed,
                b ->
                    b.status(PartStatus.CALLING)
                        .submission(claimed.submission().withSubmittedAt(clock.instant())));
    if (jobsToEnd.reason(part).isPresent()) {
      endAtOnce(part);
      return CompletableFuture.completedFuture(null);
    }
    var stop = new Call(true);
    JobFiles files = workspace.open(part);
    running.put(part.id(), new Running(part, stop));
    CompletableFuture<SynchronousOutcome> outcome;
    var money = new CallMoney(budgets, replica, part, ladder.of(part.pipeline()).maxCost());
    try {
      outcome = calls.run(order(part, files, money), stop);
    } catch (IOException | RuntimeException e) {
      running.remove(part.id());
      files.close();
      throw e;
    }
    return outcome.<Void>handle((done, problem) -> {
      try (files) {
        end(part, files, money, done, problem);
      } catch (IOException e) {
        throw new CompletionException(e);
      } finally {
        running.remove(part.id());
      }
      return null;
    });
  }

  /** Sends nothing more; answers of an earlier process are kept. */
  private void endAtOnce(Part part) throws IOException {
    try (JobFiles files = workspace.open(part)) {
      if (Files.exists(files.toWrite().calls(part))) {
        var money = new CallMoney(budgets, replica, part, ladder.of(part.pipeline()).maxCost());
        end(part, files, money, null, new CancellationException());
      } else {
        jobsToEnd.reason(part).ifPresent(reason -> store.update(part, jobsToEnd.refusal(reason)));
      }
    }
  }

  private SynchronousOrder order(Part part, JobFiles files, CallMoney money) throws IOException {
    return new SynchronousOrder(
        part.provider(),
        FallbackLadder.tier(part.calls().way()),
        files.part(part),
        files.toWrite().calls(part),
        null,
        ladder.of(part.pipeline()).maxAttempts(),
        money);
  }

  private void end(
      Part part,
      JobFiles files,
      CallMoney money,
      @Nullable SynchronousOutcome outcome,
      @Nullable Throwable problem)
      throws IOException {
    if (outcome == null && !(problem instanceof CancellationException && isToStop(part))) {
      throw new CompletionException(problem);
    }
    if (!replica.holds(part.owner())) {
      throw new CompletionException(
          new StaleRowException("the calls were stopped, since the lease has expired"));
    }
    Path answers = files.toWrite().calls(part);
    if (Files.exists(answers)) {
      Files.move(answers, files.toWrite().output(part), StandardCopyOption.ATOMIC_MOVE);
      files.keep(files.toWrite().output(part));
    }
    Part row = store.held(part).orElse(part);
    if (outcome == null) {
      store.update(
          row,
          b ->
              b.status(PartStatus.RETRIEVED)
                  .submission(row.submission().ended(clock.instant()))
                  .calls(row.calls().withCallCost(money.total()))
                  .schedule(row.schedule().worked()));
      return;
    }
    long cost = CallMoney.micros(outcome.cost(), RoundingMode.UP);
    store.update(
        row,
        b ->
            b.status(PartStatus.RETRIEVED)
                .submission(
                    row.submission()
                        .with(s ->
                            s.completed(outcome.answered())
                                .failed(outcome.refused())
                                .batchErrors(BatchErrors.write(errors(outcome)))
                                .endedAt(clock.instant())))
                .calls(row.calls().with(c -> c.callCost(cost).callsRepeated(outcome.repeated())))
                .schedule(row.schedule().worked().withSetback(null)));
    budgets.settle(part.id(), cost);
    Files.deleteIfExists(order(part, files, money).journal());
    LOG.info(
        "part={} pipeline={} calling -> ended tier={} requests={} completed={} failed={} cost_usd={}",
        part.id(),
        part.pipeline(),
        part.calls().way().word(),
        part.size().requests(),
        outcome.answered(),
        outcome.refused(),
        outcome.cost().stripTrailingZeros().toPlainString());
  }

  /** Why requests have no answer, for those that no further tier takes. */
  private static List<BatchError> errors(SynchronousOutcome outcome) {
    if (outcome.unanswered() == 0) {
      return List.of();
    }
    String problem = outcome.lastProblem() == null ? "" : " " + outcome.lastProblem() + ".";
    return List.of(
        outcome.outOfMoney()
            ? new BatchError(
                OUT_OF_MONEY,
                "sending it would have cost more than fallback.maxCost allows." + problem,
                null,
                null)
            : new BatchError(
                "not_answered",
                "the provider did not answer this request, sent on its own." + problem,
                null,
                null));
  }
}
