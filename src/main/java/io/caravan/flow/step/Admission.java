package io.caravan.flow.step;

import io.caravan.flow.Backoff;
import io.caravan.flow.Fallback;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.late.FallbackLadder;
import io.caravan.job.Batch;
import io.caravan.job.BatchError;
import io.caravan.job.BatchStatus;
import io.caravan.job.CutShort;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartBuilder;
import io.caravan.job.PartSize;
import io.caravan.job.PartStatus;
import io.caravan.job.Way;
import io.caravan.job.send.QueueLimits;
import io.caravan.job.send.SendOrder;
import io.caravan.job.send.TokenRates;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.split.Division;
import io.caravan.provider.Answer;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.JobPaths;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Body;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Admission control for parts: none of a job that is ending, and no more at once than the provider
 * allows. OpenAI and Azure limit the queued prompt tokens per model, other providers the batches.
 */
@Component("admission")
public class Admission {
  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
  private static final Pattern LIMIT =
      Pattern.compile(
          "limit(?:\\s+is|\\s+of)?\\s*:?\\s*(\\d[\\d,]{0,20})", Pattern.CASE_INSENSITIVE);

  /**
   * How long a learned limit is used. Providers raise limits, which only trying reveals; a batch
   * rejected for lack of queue room costs nothing.
   */
  static final Duration BELIEVED = Duration.ofHours(1);

  /** About how many parts that wait for a batch to end are retried per second, in all. */
  private static final int LOOKS_A_SECOND = 8;

  /** After this many rejections with our queue empty, the part itself is too large. */
  private static final int TRIES_ALONE = 2;

  /** Waits for queue room start at four times the first wait after a failure. */
  private static final int SLOWER = 2;

  private final JobStore store;
  private final QueueLimits limits;
  private final SendOrder order;
  private final TokenRates rates;
  private final Workspace workspace;
  private final Providers providers;
  private final JobsToEnd jobsToEnd;
  private final SendHold sendHold;
  private final FallbackLadder ladder;
  private final Clock clock;
  private final Backoff waits;
  private final Duration ageing;

  /** Parts that were sent while we had no other tokens in their queue. */
  private final Set<String> alone = ConcurrentHashMap.newKeySet();

  public Admission(
      JobStore store,
      QueueLimits limits,
      SendOrder order,
      TokenRates rates,
      Workspace workspace,
      Providers providers,
      JobsToEnd jobsToEnd,
      SendHold sendHold,
      FallbackLadder ladder,
      Clock clock,
      FlowProperties.Retry retry,
      FlowProperties.Priority priority) {
    this.store = store;
    this.limits = limits;
    this.order = order;
    this.rates = rates;
    this.workspace = workspace;
    this.providers = providers;
    this.jobsToEnd = jobsToEnd;
    this.sendHold = sendHold;
    this.ladder = ladder;
    this.clock = clock;
    this.waits = retry.backoff();
    this.ageing = priority.ageing();
  }

  /** Whether the part may proceed; if not, its row was updated. */
  public boolean admits(@Body Part part) throws IOException {
    if (part.status() != PartStatus.PLANNED && part.status() != PartStatus.UPLOADED) {
      return true; // it may be at the provider already; the next step searches for it
    }
    if (held(part).isPresent()) {
      return false;
    }
    Optional<Reason> halt = jobsToEnd.reason(part);
    if (halt.isPresent()) {
      store.update(part, jobsToEnd.refusal(halt.get()));
      return false;
    }
    Optional<Way> instead = insteadOfBatch(part);
    if (instead.isPresent()) {
      store.update(
          part,
          b ->
              b.calls(part.calls().with(c -> c.way(instead.get()).cutShort(CutShort.DEADLINE)))
                  .submission(part.submission().withRoomSince(null))
                  .schedule(part.schedule().worked().withDueAt(clock.instant()).withSetback(null)));
      return false;
    }
    OptionalLong limit = limit(part);
    if (limit.isPresent() && tokens(part) > limit.getAsLong() && part.size().requests() > 1) {
      divide(part, limit.getAsLong());
      return false;
    }
    return true;
  }

  /** The tier for a part that has no batch although the deadline of its job is near. */
  private Optional<Way> insteadOfBatch(Part part) {
    Fallback fallback = ladder.of(part.pipeline());
    return fallback.happensFor(CutShort.DEADLINE)
        ? store
            .job(part.jobId())
            .map(job -> job.timing().deadlineAt())
            .filter(at -> !clock.instant().isBefore(at.minus(fallback.riskBuffer())))
            .flatMap(at -> ladder.first(part, CutShort.DEADLINE))
        : Optional.empty();
  }

  /** Postpones a part whose schedule does not let it be sent; a cancelled one ends instead. */
  private Optional<Part> held(Part part) {
    return jobsToEnd.isCancelled(part.jobId())
        ? Optional.empty()
        : sendHold
            .of(part)
            .map(it ->
                store.update(
                    part,
                    b ->
                        b.schedule(part.schedule().waiting(it.until(), it.reason()))
                            .submission(part.submission().withRoomSince(null))));
  }

  /** Stores the intent to upload if another batch is allowed, else postpones the part. */
  Part intendUpload(Part part, Consumer<PartBuilder> intent) {
    return besideOthers(
        part,
        () ->
            store.update(part, intent.andThen(b -> b.schedule(part.schedule().withSetback(null)))));
  }

  /**
   * Stores the intent to create a batch if another batch is allowed and its tokens fit into the
   * queue, else postpones the part.
   */
  Part intendCreate(Part part, Consumer<PartBuilder> intent) {
    return besideOthers(part, () -> intendCreateInQueue(part, intent));
  }

  private Part besideOthers(Part part, Supplier<Part> intending) {
    Optional<Part> held = held(part); // also for what was searched for first
    if (held.isPresent()) {
      return held.get();
    }
    int most = providers.get(part.provider()).maxBatches();
    return limits.alone(
        part.provider(),
        () -> {
          long batches = limits.batches(part);
          if (batches >= most) {
            return waitForBatches(part, batches);
          }
          long room = most - batches;
          if (order.unsent(part.provider()) <= room) {
            return intending.get();
          }
          return isOvertaken(part, order.before(part, clock.instant(), ageing, room), room)
              ? waitForTurn(part, part.provider())
              : intending.get();
        });
  }

  /** Whether others take all of the room; they are tried now. */
  private boolean isOvertaken(Part part, List<String> before, long room) {
    if (before.size() < room) {
      return false;
    }
    before.forEach(id -> order.wake(id, clock.instant()));
    LOG.debug("part={} lets {} go first", part.id(), before);
    return true;
  }

  private Part waitForTurn(Part part, String where) {
    return waitForRoom(
        part,
        turnAmong(limits.unsent(part.provider())),
        "waits for its turn at %s: others have a higher priority or waited longer"
            .formatted(where));
  }

  private Part waitForRoom(Part part, Duration wait, String reason) {
    Instant now = clock.instant();
    return store.update(
        part,
        b ->
            b.schedule(part.schedule().waiting(now.plus(wait), reason))
                .submission(part.submission().waitsForRoom(now)));
  }

  private Part waitForBatches(Part part, long batches) {
    return waitForRoom(
        part,
        turnAmong(limits.unsent(part.provider())),
        "waits for a batch to end: %s runs %d of ours, as many as max-batches allows"
            .formatted(part.provider(), batches));
  }

  /** Spreads the retries of many waiting parts at random, so that one of them is always soon. */
  private Duration turnAmong(long waiting) {
    Duration usual = waits.after(SLOWER);
    long longest = Duration.ofSeconds(2 * waiting / LOOKS_A_SECOND).toMillis();
    Duration turn = Duration.ofMillis(ThreadLocalRandom.current().nextLong(longest + 1));
    return turn.compareTo(usual) > 0 ? turn : usual;
  }

  private Part intendCreateInQueue(Part part, Consumer<PartBuilder> intent) {
    OptionalLong limit = limit(part);
    return limit.isEmpty()
        ? store.update(part, intent)
        : limits.alone(part.queue(), () -> intendCreateInQueue(part, limit.getAsLong(), intent));
  }

  private Part intendCreateInQueue(Part part, long limit, Consumer<PartBuilder> intent) {
    double rate = rates.of(part.queue());
    long before = limits.inFlight(part).at(rate);
    if (before > 0 && before + part.size().tokens().at(rate) > limit) {
      return wait(part, before, limit);
    }
    Optional<String> first = order.beforeInQueue(part, clock.instant(), ageing);
    if (first.isPresent()) {
      order.wake(first.get(), clock.instant());
      return waitForTurn(part, part.queue());
    }
    if (before == 0) {
      alone.add(part.id());
    }
    return store.update(part, intent);
  }

  private long tokens(Part part) {
    return part.size().tokens().at(rates.of(part.queue()));
  }

  private OptionalLong limit(Part part) {
    return limit(providers.get(part.provider()), part.provider(), part.model());
  }

  /** The prompt tokens that may be queued for a model, as configured or else as learned. */
  public OptionalLong limit(String provider, String model) {
    return limit(providers.providers().get(provider), provider, model);
  }

  private OptionalLong limit(@Nullable Provider provider, String name, String model) {
    Long configured = provider == null ? null : provider.queueLimits().get(model);
    return configured == null
        ? limits.limit(Part.queue(name, model), clock.instant().minus(BELIEVED))
        : OptionalLong.of(configured);
  }

  private void divide(Part part, long limit) throws IOException {
    Instant now = clock.instant();
    var pieces = new ArrayList<Part>();
    for (Division.Piece piece : pieces(part, limit)) {
      pieces.add(
          part.further(
              pieces.size() + 1,
              part.attempt(),
              PartSize.of(piece.requests(), piece.bytes(), piece.tokens()),
              now));
    }
    LOG.info(
        "part={} has about {} tokens, but queue {} allows only {}: split into {} parts",
        part.id(),
        tokens(part),
        part.queue(),
        limit,
        pieces.size());
    store.goOn(
        part,
        pieces,
        b -> b.status(PartStatus.DIVIDED).submission(part.submission().withEndedAt(now)));
  }

  private List<Division.Piece> pieces(Part part, long limit) throws IOException {
    try (JobFiles files = workspace.open(part)) {
      JobPaths paths = files.toWrite();
      List<Division.Piece> pieces =
          new Division(
                  files.part(part),
                  limit,
                  rates.of(part.queue()),
                  providers.mediaTokens(part.provider()))
              .divide(child -> paths.further(part, child));
      files.keep(pieces.stream().map(Division.Piece::file).toList());
      return pieces;
    }
  }

  private Part wait(Part part, long before, long limit) {
    return waitForRoom(
        part,
        waits.after(SLOWER),
        "waits for queue room in %s: about %d of %d tokens already queued"
            .formatted(part.queue(), before, limit));
  }

  /** The provider's message for a batch that it failed because the queue is full. */
  static Optional<String> noRoom(Batch batch) {
    return batch.errors().stream()
        .filter(error -> batch.status() == BatchStatus.FAILED)
        .filter(error -> Answer.QUEUE_FULL.equals(error.code()))
        .map(BatchError::message)
        .findFirst();
  }

  /** Called when the batch ended for any other reason: there may be room for another one. */
  void ended(Part part) {
    alone.remove(part.id());
    order.wakeNext(part.provider(), clock.instant(), ageing);
  }

  /** The queue is full: postpones the part and learns the limit from the provider's message. */
  public void turnedAway(Part part, String said) {
    Instant now = clock.instant();
    learn(part, said, now);
    store.update(
        part,
        b ->
            b.status(PartStatus.UPLOADED)
                .submission(part.submission().rejected(now))
                .schedule(
                    part.schedule()
                        .waiting(
                            now.plus(waits.after(SLOWER + part.submission().turnedAway())),
                            "waits for queue room in %s: %s".formatted(part.queue(), said))));
  }

  private void learn(Part part, String said, Instant now) {
    double rate = rates.of(part.queue());
    long before = limits.inFlight(part).at(rate);
    long tokens = part.size().tokens().at(rate);
    Matcher told = LIMIT.matcher(said);
    if (alone.remove(part.id()) && part.submission().turnedAway() >= TRIES_ALONE) {
      limits.learn(part.queue(), Math.max(1, tokens / 2), now);
    } else if (told.find()) {
      limits.learn(part.queue(), Long.parseLong(told.group(1).replaceAll("\\D", "")), now);
    } else if (before > 0) {
      limits.learn(part.queue(), before + tokens - 1, now);
    }
  }
}
