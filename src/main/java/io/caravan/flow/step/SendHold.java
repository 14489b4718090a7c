package io.caravan.flow.step;

import io.caravan.job.Job;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.Timing;
import io.caravan.job.send.Scheduler;
import io.caravan.time.SendTimes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Holds what a schedule does not let be sent yet. */
@Component
public class SendHold {
  /** A stopped scheduler that is started makes held parts due; this is for other replicas. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  private final JobStore store;
  private final Scheduler scheduler;
  private final Clock clock;
  private final ZoneId zone;

  public SendHold(JobStore store, Scheduler scheduler, Clock clock, ZoneId zone) {
    this.store = store;
    this.scheduler = scheduler;
    this.clock = clock;
    this.zone = zone;
  }

  /**
   * A hold.
   *
   * @param until when to look again
   * @param reason as operators see it
   */
  public record Hold(Instant until, String reason) {}

  /** Why a part is not sent now; empty if it may be. */
  Optional<Hold> of(Part part) {
    return store.job(part.jobId()).flatMap(this::of);
  }

  /** Why nothing of a job is sent now; empty if it may be. */
  public Optional<Hold> of(Job job) {
    return job.timing().sendAt() == null || scheduler.sentNowAt(job.id()).isPresent()
        ? Optional.empty()
        : of(job, scheduler.state());
  }

  /** Why nothing of a job that nobody sends now is sent yet. */
  public Optional<Hold> of(Job job, Scheduler.State state) {
    Timing timing = job.timing();
    Instant time = timing.sendAt();
    if (time == null) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    if (!state.running()) {
      return Optional.of(
          new Hold(
              now.plus(LOOK_AGAIN),
              "the scheduler is stopped since %s; \"caravan scheduler start\" starts it"
                  .formatted(state.stoppedAt())));
    }
    String schedule = String.valueOf(timing.sendSchedule());
    SendTimes times = SendTimes.of(schedule, zone).orElse(null);
    ZoneId shown = times == null ? zone : times.zone();
    Instant at = state.sendAt(time);
    if (now.isBefore(at)) {
      return Optional.of(hold(at, schedule, shown));
    }
    return times == null || times.isOpen(now)
        ? Optional.empty()
        : Optional.of(hold(times.next(now), schedule, shown));
  }

  private static Hold hold(Instant at, String schedule, ZoneId zone) {
    return new Hold(at, "scheduled for %s (schedule %s)".formatted(text(at, zone), schedule));
  }

  /** A time as users read it, such as {@code 2026-12-01T02:00+01:00}. */
  public static String text(Instant at, ZoneId zone) {
    return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
        at.atZone(zone).truncatedTo(ChronoUnit.SECONDS));
  }
}
