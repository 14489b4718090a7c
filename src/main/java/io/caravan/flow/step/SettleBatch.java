package io.caravan.flow.step;

import io.caravan.flow.Backoff;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.late.FallbackLadder;
import io.caravan.job.BatchError;
import io.caravan.job.BatchErrors;
import io.caravan.job.BatchStatus;
import io.caravan.job.CutShort;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartSize;
import io.caravan.job.PartStatus;
import io.caravan.job.Submission;
import io.caravan.job.Way;
import io.caravan.job.send.TokenRates;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.settle.FoundAnswers;
import io.caravan.jsonl.settle.Harvest;
import io.caravan.jsonl.settle.Harvested;
import io.caravan.provider.Providers;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Settles an ended batch: keeps answered requests, resends unanswered ones in a further part, and
 * records the reason for those that are given up.
 */
@Component("settleBatch")
public class SettleBatch {
  /** Error code of a batch that its provider no longer knows. */
  public static final String BATCH_GONE = "batch_not_found";

  /** Error code of answers that the provider no longer has. */
  static final String FILE_GONE = "answers_not_found";

  private static final Logger LOG = LoggerFactory.getLogger(SettleBatch.class);

  /** Offset into the retry backoff: a further part waits before it is sent. */
  private static final int SLOWER = 2;

  private final JobStore store;
  private final Workspace workspace;
  private final TokenRates rates;
  private final Providers providers;
  private final JobsToEnd jobsToEnd;
  private final AnswersGrace grace;
  private final FallbackLadder ladder;
  private final FlowMetrics metrics;
  private final Clock clock;
  private final int maxAttempts;
  private final Backoff waits;
  private final Backoff poll;

  SettleBatch(
      JobStore store,
      Workspace workspace,
      TokenRates rates,
      Providers providers,
      JobsToEnd jobsToEnd,
      AnswersGrace grace,
      FallbackLadder ladder,
      FlowMetrics metrics,
      Clock clock,
      FlowProperties.Resend resend,
      FlowProperties.Retry retry,
      FlowProperties.Poll poll) {
    this.store = store;
    this.workspace = workspace;
    this.rates = rates;
    this.providers = providers;
    this.jobsToEnd = jobsToEnd;
    this.grace = grace;
    this.ladder = ladder;
    this.metrics = metrics;
    this.clock = clock;
    this.maxAttempts = resend.maxAttempts();
    this.waits = retry.backoff();
    this.poll = poll.backoff();
  }

  /**
   * Writes the further part's file and the reasons, then both rows. If answers are missing that the
   * provider counts as completed, downloads them again later instead.
   */
  public void settle(@Body Part part) throws IOException {
    try (JobFiles files = workspace.open(part);
        Harvest harvest =
            Harvest.open(files.part(part), List.of(files.output(part), files.error(part)))) {
      FoundAnswers found = harvest.found();
      Optional<Reason> halt = jobsToEnd.reason(part);
      if (halt.isEmpty() && isIncomplete(part, found) && grace.mayStillCome(part)) {
        askAgain(part, found, files);
      } else {
        Optional<Way> next = halt.isPresent() ? Optional.empty() : next(part);
        Harvested harvested = sort(part, harvest, halt, next, files);
        rates.learn(part, harvest.prompts(), clock.instant());
        settle(part, harvested, next);
      }
    }
  }

  /** The tier in which unanswered requests are sent one by one; empty for another batch. */
  private Optional<Way> next(Part part) {
    if (part.isSynchronous()) {
      return ladder.next(part);
    }
    CutShort reason = FallbackLadder.reason(part);
    return reason == null ? Optional.empty() : ladder.first(part, reason);
  }

  private static boolean isIncomplete(Part part, FoundAnswers found) {
    return part.status() == PartStatus.RETRIEVED
        && !part.isSynchronous()
        && found.mayGrowTo(completed(part), part.submission().failed());
  }

  /** Completed requests; at least 1 for a completed batch without counts. */
  private static long completed(Part part) {
    boolean counted = part.submission().completed() + part.submission().failed() > 0;
    return counted || part.submission().batchStatus() != BatchStatus.COMPLETED
        ? Math.min(part.submission().completed(), part.size().requests())
        : 1;
  }

  /** Updates the row first: a file left by a crash costs only another check. */
  private void askAgain(Part part, FoundAnswers found, JobFiles files) throws IOException {
    Instant now = clock.instant();
    Duration wait = grace.untilNextLook(part, poll.after(0));
    String missing = missing(part, found);
    store.update(
        part,
        b ->
            b.status(PartStatus.SUBMITTED)
                .schedule(part.schedule().worked().waiting(now.plus(wait), missing)));
    files.discardAnswers(part);
    LOG.warn("part={} {} Polling again in {} s.", part.id(), missing, wait.toSeconds());
  }

  private static String missing(Part part, FoundAnswers found) {
    return "the provider counts %d requests as completed, but %d of its answers were found."
        .formatted(completed(part), found.all());
  }

  private static String paid(Part part) {
    return " This request may have been paid for, so it is not resent automatically: see batch %s at the provider, or use \"caravan retry\"."
        .formatted(part.submission().batchId());
  }

  private void settle(Part part, Harvested harvested, Optional<Way> next) {
    store.goOn(
        part,
        further(part, harvested, next),
        b -> b.status(PartStatus.SETTLED).schedule(part.schedule().withTries(0)));
    if (harvested.again() > 0 && next.isPresent()) {
      CutShort reason = FallbackLadder.reason(part);
      LOG.info(
          "part={} falls back: {} of {} requests are sent one by one, tier {}, reason {}",
          part.id(),
          harvested.again(),
          part.size().requests(),
          next.get().word(),
          reason == null ? "unanswered" : reason.word());
      metrics.fellBack(part, next.get(), reason, harvested.again());
    } else if (harvested.again() > 0) {
      LOG.info(
          "part={} resending {} of {} requests, attempt {} of {}",
          part.id(),
          harvested.again(),
          part.size().requests(),
          part.attempt() + 1,
          maxAttempts);
    }
  }

  private Harvested sort(
      Part part, Harvest harvest, Optional<Reason> halt, Optional<Way> next, JobFiles files)
      throws IOException {
    List<BatchError> errors = BatchErrors.read(part.submission().batchErrors());
    Optional<Reason> givenUp = next.isPresent() ? Optional.empty() : givenUp(part, errors, halt);
    Optional<Reason> lost = lost(part, errors, harvest.found());
    lost.ifPresent(reason -> LOG.warn("part={} {}", part.id(), reason.message()));
    Path further = files.toWrite().further(part, 1);
    Path reasons = files.toWrite().reasons(part);
    Map<Long, Reason> lines = ofLines(errors);
    Harvested harvested =
        harvest.sort(
            new Harvest.Unfinished(
                lines::get, lost.or(() -> givenUp).orElse(null), givenUp.orElse(null)),
            providers.mediaTokens(part.provider()),
            further,
            reasons);
    files.keep(Stream.of(further, reasons).filter(Files::exists).toList()); // not written if empty
    return harvested;
  }

  private List<Part> further(Part part, Harvested harvested, Optional<Way> next) {
    if (harvested.again() == 0) {
      return List.of();
    }
    Instant now = clock.instant();
    Part further =
        part.further(
            1,
            part.attempt() + 1,
            PartSize.of(harvested.again(), harvested.againBytes(), harvested.againTokens()),
            next.isPresent() ? now : now.plus(waits.after(SLOWER + part.attempt() - 1)));
    return List.of(
        next.map(way -> further.withCalls(further.calls().withWay(way))).orElse(further));
  }

  /** Why nothing of this part is resent; empty if its unanswered requests are. */
  private Optional<Reason> givenUp(Part part, List<BatchError> errors, Optional<Reason> halt) {
    if (part.status() == PartStatus.REFUSED) {
      return Optional.of(refused(errors));
    }
    if (halt.isPresent() || (part.attempt() < maxAttempts && !part.isSynchronous())) {
      return halt;
    }
    if (part.isSynchronous()) {
      return Optional.of(errors.isEmpty() ? Reason.NOT_ANSWERED : reason(errors.getFirst()));
    }
    return Optional.of(unanswered(part.submission().batchStatus(), errors));
  }

  /** Why unanswered requests may have been paid for; empty if they were not. */
  private static Optional<Reason> lost(Part part, List<BatchError> errors, FoundAnswers found) {
    Optional<Reason> told =
        errors.stream().filter(SettleBatch::isPaidAndLost).findFirst().map(SettleBatch::reason);
    if (told.isPresent() || part.status() != PartStatus.RETRIEVED || part.isSynchronous()) {
      return told;
    }
    return found.fallsShortOf(completed(part), part.submission().failed())
        ? Optional.of(new Reason(FILE_GONE, missing(part, found) + paid(part)))
        : Optional.empty();
  }

  /** The part's errors, plus one for answers that may have been paid for but are lost. */
  static Submission withAnswersLost(Part part, String message) {
    var errors = new ArrayList<>(BatchErrors.read(part.submission().batchErrors()));
    errors.add(new BatchError(FILE_GONE, message, null, null));
    return part.submission().withBatchErrors(BatchErrors.write(errors));
  }

  /** Whether it may have been paid for; an operator then decides whether to resend it. */
  private static boolean isPaidAndLost(BatchError error) {
    return BATCH_GONE.equals(error.code()) || FILE_GONE.equals(error.code());
  }

  private static Reason refused(List<BatchError> errors) {
    return errors.isEmpty()
        ? new Reason("batch_failed", "the provider refused the batch and gave no reason.")
        : reason(errors.getFirst());
  }

  private static Reason reason(BatchError error) {
    return new Reason(code(error), error.message());
  }

  private static Reason unanswered(@Nullable BatchStatus status, List<BatchError> errors) {
    return switch (status) {
      case FAILED ->
          errors.isEmpty()
              ? new Reason("batch_failed", "the provider failed the batch and gave no reason.")
              : failed(errors.getFirst());
      case EXPIRED ->
          new Reason(
              "batch_expired", "the batch expired before this request was run. Send it again.");
      case CANCELLED ->
          new Reason("batch_cancelled", "the batch was cancelled before this request was run.");
      case null, default -> Reason.NOT_ANSWERED;
    };
  }

  private static Reason failed(BatchError first) {
    String where = first.line() == null ? "" : " because of another request";
    return new Reason(
        first.line() == null ? code(first) : "batch_failed",
        "the provider refused the batch%s: %s".formatted(where, first.message()));
  }

  private static Map<Long, Reason> ofLines(List<BatchError> errors) {
    var reasons = new HashMap<Long, Reason>();
    for (BatchError error : errors) {
      if (error.line() != null) {
        reasons.putIfAbsent(error.line(), reason(error));
      }
    }
    return reasons;
  }

  private static String code(BatchError error) {
    return error.code() == null ? "batch_failed" : error.code();
  }
}
