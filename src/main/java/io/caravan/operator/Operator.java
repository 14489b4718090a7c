package io.caravan.operator;

import io.caravan.job.Cancellations;
import io.caravan.job.Claims;
import io.caravan.job.Deliveries;
import io.caravan.job.Job;
import io.caravan.job.JobOverview;
import io.caravan.job.JobStatus;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.Store;
import io.caravan.job.send.Forecasts;
import io.caravan.job.send.Scheduler;
import io.caravan.job.source.UntakenFiles;
import io.caravan.lease.Replica;
import io.caravan.store.StoreAccess;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Shows, cancels and retries jobs. It never writes a row that a replica holds, so it may run in a
 * separate process.
 */
@Component
public class Operator {
  private static final int MOST_UNTAKEN = 100;

  private final JobStore jobs;
  private final Claims claims;
  private final Deliveries deliveries;
  private final JobOverview overview;
  private final Cancellations cancellations;
  private final UntakenFiles untaken;
  private final Scheduler scheduler;
  private final Forecasts forecasts;
  private final Replica replicas;
  private final Workspace workspace;
  private final Retry retry;
  private final Clock clock;

  @Autowired
  Operator(
      Store store,
      Cancellations cancellations,
      UntakenFiles untaken,
      Scheduler scheduler,
      Forecasts forecasts,
      Replica replicas,
      Workspace workspace,
      Clock clock) {
    this.jobs = store.jobs();
    this.claims = store.claims();
    this.deliveries = store.deliveries();
    this.overview = store.overview();
    this.cancellations = cancellations;
    this.untaken = untaken;
    this.scheduler = scheduler;
    this.forecasts = forecasts;
    this.replicas = replicas;
    this.workspace = workspace;
    this.clock = clock;
    this.retry = new Retry(jobs, workspace, clock);
  }

  /** Creates an operator for a process that is not a service. */
  public static Operator on(StoreAccess access) {
    return new Operator(
        access.store(),
        access.cancellations(),
        access.untaken(),
        access.scheduler(),
        access.forecasts(),
        access.replica(),
        access.workspace(),
        Clock.systemUTC());
  }

  /** The latest jobs, and those that need attention. */
  public Overview overview(int limit) {
    Map<String, Long> counts = new LinkedHashMap<>();
    overview.countJobs().forEach((status, count) -> counts.put(status.word(), count));
    Scheduler.State scheduled = scheduler.state();
    return new Overview(
        replicas.alive(),
        counts,
        ids(overview.parkedJobs()),
        ids(overview.undeliveredJobs()),
        untaken.oldest(MOST_UNTAKEN),
        scheduled.running() ? null : scheduled.stoppedAt(),
        overview.latestJobs(limit).stream().map(this::view).toList());
  }

  private static List<String> ids(List<Job> jobs) {
    return jobs.stream().map(Job::id).toList();
  }

  /** One job, with its parts. */
  public Optional<JobView> job(String id) {
    return jobs.job(id).map(this::view);
  }

  private JobView view(Job job) {
    Map<String, String> outputs = new LinkedHashMap<>(deliveries.of(job.id()));
    List<Part> parts = jobs.parts(job.id());
    outputs.keySet().retainAll(List.of("results", "errors", "report"));
    return JobView.of(
        job,
        parts,
        cancellations.requestedAt(job.id()).orElse(null),
        job.timing().deadlineAt() == null || job.status().settled()
            ? null
            : forecasts.of(job, scheduler.sendAt(job), parts, clock.instant()),
        outputs);
  }

  /** The ids that start with the given prefix, at most five. */
  public List<String> named(String beginning) {
    return jobs.job(beginning).isPresent()
        ? List.of(beginning)
        : ids(overview.jobsNamed(beginning, 5));
  }

  /** Cancels a job: results are kept, requests without an answer go to the errors. */
  public Outcome cancel(String id) {
    return jobs.job(id).map(this::cancel).orElseGet(() -> unknown(id));
  }

  private Outcome cancel(Job job) {
    String what = what(job);
    if (job.status().finished()) {
      return new Outcome.Refused(job.id(), what + " has ended: there is nothing to cancel.");
    }
    Instant now = clock.instant();
    Optional<Instant> before = cancellations.requestedAt(job.id());
    cancellations.request(job.id(), now);
    claims.unpark(job.id(), now);
    claims.hurry(job.id(), now);
    return new Outcome.Done(
        job.id(),
        before
                .map(at -> what + " has been cancelling since " + at + ". ")
                .orElse(what + " is cancelled. ")
            + (job.status() == JobStatus.ACCEPTED || job.status() == JobStatus.IN_PROGRESS
                ? consequences(jobs.parts(job.id()))
                : "All its requests have ended. Outputs that cannot be delivered now are given up%s; they stay in %s until caravan.retention has passed."
                    .formatted(because(job), workspace))
            + idle());
  }

  private static String consequences(List<Part> parts) {
    long atProvider = 0;
    long unclear = 0;
    long unsent = 0;
    long all = 0;
    for (Part part : parts) {
      all += part.status() == PartStatus.DIVIDED ? 0 : 1; // its requests are in other parts
      switch (part.status()) {
        case SUBMITTED, CALLING -> atProvider++;
        case UPLOADING, CREATING -> unclear++;
        case PLANNED, UPLOADED -> unsent++;
        case ENDED, RETRIEVED, REFUSED, SETTLED, DIVIDED -> {}
      }
    }
    var told = new ArrayList<String>();
    if (atProvider > 0) {
      told.add(of(atProvider, all) + " at the provider and will be cancelled there.");
    }
    if (unclear > 0) {
      told.add(of(unclear, all) + " being submitted, and will be cancelled once at the provider.");
    }
    if (unsent > 0 || all == 0) {
      told.add(
          all == 0
              ? "Nothing was sent, and nothing will be."
              : of(unsent, all) + " not sent yet, and will not be.");
    }
    told.add(
        "Finished requests are kept; the others go to the errors, even if the provider can no longer be reached.");
    return String.join(" ", told);
  }

  private static String of(long some, long all) {
    return "%d of %d %s %s"
        .formatted(some, all, all == 1 ? "part" : "parts", some == 1 ? "is" : "are");
  }

  /** Resumes a parked job, or sends the failed requests of a finished job again. */
  public Outcome retry(String id) throws IOException {
    Optional<Job> found = jobs.job(id);
    if (found.isEmpty()) {
      return unknown(id);
    }
    Job job = found.get();
    Outcome outcome = job.status().finished() ? retry.again(job) : goOn(job);
    return outcome instanceof Outcome.Done done
        ? new Outcome.Done(done.job(), done.message() + idle())
        : outcome;
  }

  private Outcome goOn(Job job) {
    Instant now = clock.instant();
    int parked = claims.unpark(job.id(), now);
    claims.hurry(job.id(), now);
    return new Outcome.Done(
        job.id(),
        parked > 0
            ? "%s was parked and resumes now%s.".formatted(what(job), because(job))
            : "%s is not finished (%s): its next step runs now%s."
                .formatted(what(job), view(job).state(), because(job)));
  }

  private String because(Job job) {
    List<String> setbacks = view(job).waitsFor();
    return setbacks.isEmpty()
        ? ""
        : "; last problem: " + String.join(" ", setbacks).replaceFirst("\\.$", "");
  }

  /** A hint that no replica is running, if so. */
  private String idle() {
    return replicas.alive().isEmpty()
        ? " No Caravan is running on this data: start one to continue."
        : "";
  }

  static Outcome.Unknown unknown(String id) {
    return new Outcome.Unknown(
        "There is no job \"%s\". See \"caravan status\"."
            .formatted(id.replaceAll("\\p{Cntrl}", "?")));
  }

  static String what(Job job) {
    return "Job " + name(job);
  }

  private static String name(Job job) {
    return "%s (%s)".formatted(job.id(), job.label());
  }
}
