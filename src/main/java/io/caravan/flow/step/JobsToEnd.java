package io.caravan.flow.step;

import io.caravan.flow.FlowProperties;
import io.caravan.job.BatchError;
import io.caravan.job.BatchErrors;
import io.caravan.job.Cancellations;
import io.caravan.job.Job;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartBuilder;
import io.caravan.job.PartStatus;
import io.caravan.job.send.Scheduler;
import io.caravan.jsonl.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Decides which jobs end before all requests have answers: cancelled ones and too old ones. */
@Component
public class JobsToEnd {
  private static final int REMEMBERED = 10_000;

  private final JobStore store;
  private final Cancellations cancellations;
  private final Scheduler scheduler;
  private final Clock clock;
  private final Duration maxWait;

  /** Cached because each poll of each batch needs it; it may change, so what ends a job is read. */
  private final Map<String, Instant> since = new ConcurrentHashMap<>();

  public JobsToEnd(
      JobStore store,
      Cancellations cancellations,
      Scheduler scheduler,
      Clock clock,
      FlowProperties.General settings) {
    this.store = store;
    this.cancellations = cancellations;
    this.scheduler = scheduler;
    this.clock = clock;
    this.maxWait = settings.maxWait();
  }

  /** Why nothing more is sent for the part's job; empty if it continues. */
  Optional<Reason> reason(Part part) {
    return reason(part.jobId());
  }

  /** Whether an operator cancelled the job. */
  boolean isCancelled(Job job) {
    return isCancelled(job.id());
  }

  /** Whether an operator cancelled the job of that id. */
  boolean isCancelled(String jobId) {
    return cancellations.requested(jobId);
  }

  /** Why nothing more is sent for the job; empty if it continues. */
  Optional<Reason> reason(String jobId) {
    if (cancellations.requested(jobId)) {
      return Optional.of(
          new Reason("job_cancelled", "the job was cancelled before this request had an answer."));
    }
    return Optional.ofNullable(since(jobId))
        .filter(this::isTooOld)
        .flatMap(cached -> Optional.ofNullable(readSince(jobId)))
        .filter(this::isTooOld)
        .map(since ->
            new Reason(
                "deadline_exceeded",
                "there was no answer within %s of acceptance, or of the scheduled time (caravan.max-wait). Send it again."
                    .formatted(text(maxWait))));
  }

  /** The change that ends a part which was not sent. */
  Consumer<PartBuilder> refusal(Reason reason) {
    var error = new BatchError(reason.code(), reason.message(), null, null);
    return b ->
        b.status(PartStatus.REFUSED)
            .submission(
                b.submission()
                    .with(s ->
                        s.batchErrors(BatchErrors.write(List.of(error)))
                            .unclearSince(null)
                            .endedAt(clock.instant())));
  }

  private @Nullable Instant since(String jobId) {
    if (since.size() >= REMEMBERED) {
      since.clear();
    }
    Instant cached = since.get(jobId);
    return cached == null ? readSince(jobId) : cached;
  }

  private @Nullable Instant readSince(String jobId) {
    Instant read = store.job(jobId).map(scheduler::sendAt).orElse(null);
    if (read != null) {
      since.put(jobId, read);
    }
    return read;
  }

  private boolean isTooOld(Instant since) {
    return clock.instant().isAfter(since.plus(maxWait));
  }

  private static String text(Duration duration) {
    return duration.toHours() + " h";
  }
}
