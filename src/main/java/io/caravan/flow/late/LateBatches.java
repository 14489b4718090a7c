package io.caravan.flow.late;

import io.caravan.flow.Fallback;
import io.caravan.job.BatchStatus;
import io.caravan.job.CutShort;
import io.caravan.job.Job;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.send.Forecasts;
import io.caravan.job.send.LateParts;
import io.caravan.job.send.LateParts.InFlight;
import io.caravan.job.send.Scheduler;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Finds batches that make no progress, and jobs that may miss their deadline, and acts on them. */
@Component("lateBatches")
public class LateBatches implements MeterBinder {
  private static final Logger LOG = LoggerFactory.getLogger(LateBatches.class);
  private static final int MOST = 20_000;
  private static final int MOST_JOBS = 1_000;
  private static final Duration ANY_DEADLINE = Duration.ofDays(400);

  private final LateParts late;
  private final JobStore store;
  private final Scheduler scheduler;
  private final Forecasts forecasts;
  private final FallbackLadder ladder;
  private final Providers providers;
  private final LateProperties settings;
  private final Clock clock;
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private volatile Map<Stuck, Integer> stuck = Map.of();
  private volatile int atRisk;
  private volatile int overdue;

  /** The ways in which a batch can be stuck. */
  enum Stuck {
    VALIDATING,
    NO_PROGRESS,
    CANCELLING,
    NEAR_END;

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  LateBatches(
      LateParts late,
      JobStore store,
      Scheduler scheduler,
      Forecasts forecasts,
      FallbackLadder ladder,
      Providers providers,
      LateProperties settings,
      Clock clock) {
    this.late = late;
    this.store = store;
    this.scheduler = scheduler;
    this.forecasts = forecasts;
    this.ladder = ladder;
    this.providers = providers;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    for (Stuck rule : Stuck.values()) {
      Gauge.builder("caravan.batches.stuck", () -> stuck.getOrDefault(rule, 0))
          .description("Batches that make no progress, by the rule under caravan.late")
          .tag("rule", rule.word())
          .register(meters);
    }
    Gauge.builder("caravan.jobs.at.risk", () -> atRisk)
        .description("Unfinished jobs whose answers are expected too late for their deadline")
        .register(meters);
    Gauge.builder("caravan.jobs.overdue", () -> overdue)
        .description("Unfinished jobs whose deadline has passed")
        .register(meters);
  }

  /** Looks at all batches in flight and all jobs with a deadline. */
  public void look() {
    var seen = new HashSet<String>();
    lookAtBatches(seen);
    lookAtDeadlines(seen);
    told.retainAll(seen);
  }

  private void lookAtBatches(Set<String> seen) {
    Instant now = clock.instant();
    var counts = new EnumMap<Stuck, Integer>(Stuck.class);
    for (InFlight batch : late.submittedBefore(now.minus(shortest()).plusMillis(1), MOST)) {
      Stuck rule = rule(batch, now);
      if (rule != null) {
        counts.merge(rule, 1, Integer::sum);
        seen.add(batch.part() + rule);
        act(batch, rule, now);
      }
    }
    stuck = Map.copyOf(counts);
  }

  /** No rule applies to batches that are younger than this. */
  private Duration shortest() {
    return Stream.concat(
            Stream.of(settings.validating(), settings.noProgress(), settings.cancelling())
                .map(LateProperties.Rule::time),
            providers.providers().values().stream()
                .map(Provider::batchWindow)
                .flatMap(Stream::ofNullable)
                .map(window -> window.minus(settings.nearEnd().time())))
        .min(Duration::compareTo)
        .orElseThrow();
  }

  private @Nullable Stuck rule(InFlight batch, Instant now) {
    if (batch.cancelledAt() != null) {
      return isOver(batch.cancelledAt(), settings.cancelling(), now) ? Stuck.CANCELLING : null;
    }
    Provider provider = providers.providers().get(batch.provider());
    Duration window = provider == null ? null : provider.batchWindow();
    if (window != null
        && !now.isBefore(batch.submittedAt().plus(window).minus(settings.nearEnd().time()))) {
      return Stuck.NEAR_END;
    }
    if (batch.status() == BatchStatus.VALIDATING) {
      return isOver(batch.countedAt(), settings.validating(), now) ? Stuck.VALIDATING : null;
    }
    return isOver(batch.countedAt(), settings.noProgress(), now) ? Stuck.NO_PROGRESS : null;
  }

  private static boolean isOver(Instant since, LateProperties.Rule rule, Instant now) {
    return !now.isBefore(since.plus(rule.time()));
  }

  private void act(InFlight batch, Stuck rule, Instant now) {
    LateProperties.Action action = action(batch, rule);
    if (told.add(batch.part() + rule)) {
      LOG.warn(
          "part={} batch={} pipeline={} is stuck ({}): {} since {}; {}",
          batch.part(),
          batch.batch(),
          batch.pipeline(),
          rule.word(),
          batch.status() == null ? "submitted" : batch.status().word(),
          rule == Stuck.CANCELLING ? batch.cancelledAt() : batch.countedAt(),
          switch (action) {
            case WAIT -> "waiting (caravan.late.%s)".formatted(rule.word());
            case RESEND -> "it is cancelled, and what it leaves is sent in another batch";
            case FALL_BACK -> "it is cancelled, and what it leaves is sent one by one";
          });
    }
    if (action != LateProperties.Action.WAIT && batch.cutShort() == null) {
      late.cut(
          batch.part(),
          batch.version(),
          action == LateProperties.Action.RESEND ? CutShort.RESEND : CutShort.STUCK,
          now);
    }
  }

  private LateProperties.Action action(InFlight batch, Stuck rule) {
    LateProperties.Action wanted =
        switch (rule) {
          case VALIDATING -> settings.validating().action();
          case NO_PROGRESS -> settings.noProgress().action();
          case CANCELLING -> LateProperties.Action.WAIT; // what still runs may be paid for
          case NEAR_END -> settings.nearEnd().action();
        };
    boolean possible =
        wanted != LateProperties.Action.FALL_BACK
            || store
                .part(batch.part())
                .flatMap(part -> ladder.first(part, CutShort.STUCK))
                .isPresent();
    return possible ? wanted : LateProperties.Action.WAIT;
  }

  private void lookAtDeadlines(Set<String> seen) {
    Instant now = clock.instant();
    int risks = 0;
    int past = 0;
    for (String id : late.neededBefore(now.plus(ANY_DEADLINE), MOST_JOBS)) {
      Job job = store.job(id).orElse(null);
      Instant deadline = job == null ? null : job.timing().deadlineAt();
      if (job != null && deadline != null) {
        List<Part> parts = store.parts(id);
        past += now.isAfter(deadline) ? 1 : 0;
        if (isAtRisk(job, deadline, parts, now)) {
          risks++;
          seen.add(id);
        }
        fallBack(job, deadline, parts, now);
      }
    }
    atRisk = risks;
    overdue = past;
  }

  private boolean isAtRisk(Job job, Instant deadline, List<Part> parts, Instant now) {
    Forecasts.Forecast forecast = forecasts.of(job, scheduler.sendAt(job), parts, now);
    if (!forecast.atRisk()) {
      return false;
    }
    if (told.add(job.id())) {
      LOG.warn(
          "job={} pipeline={} {} may miss its deadline {}: its answers are expected about {}",
          job.id(),
          job.pipeline(),
          job.label(),
          deadline,
          forecast.answeredAt());
    }
    return true;
  }

  /** Cancels the batches of a job whose deadline is near, if its pipeline falls back then. */
  private void fallBack(Job job, Instant deadline, List<Part> parts, Instant now) {
    Fallback fallback = ladder.of(job.pipeline());
    if (!fallback.happensFor(CutShort.DEADLINE)
        || now.isBefore(deadline.minus(fallback.riskBuffer()))) {
      return;
    }
    var cut = new ArrayList<String>();
    for (Part part : parts) {
      if (part.status() == PartStatus.SUBMITTED
          && part.calls().cutShort() == null
          && ladder.first(part, CutShort.DEADLINE).isPresent()
          && late.cut(part.id(), part.version(), CutShort.DEADLINE, now)) {
        cut.add(part.name());
      }
    }
    if (!cut.isEmpty()) {
      LOG.warn(
          "job={} pipeline={} deadline {} is near: the batches of parts {} are cancelled, and what they leave is sent one by one",
          job.id(),
          job.pipeline(),
          deadline,
          String.join(", ", cut));
    }
    late.hurryUnsent(job.id(), now);
  }
}
