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
  private final Clock clock;
  private final Duration maxWait;

  /** Cached because each poll of each batch needs it; it never changes. */
  private final Map<String, Instant> acceptedAt = new ConcurrentHashMap<>();

  public JobsToEnd(
      JobStore store, Cancellations cancellations, Clock clock, FlowProperties.General settings) {
    this.store = store;
    this.cancellations = cancellations;
    this.clock = clock;
    this.maxWait = settings.maxWait();
  }

  /** Why nothing more is sent for the part's job; empty if it continues. */
  Optional<Reason> reason(Part part) {
    return reason(part.jobId());
  }

  /** Whether an operator cancelled the job. */
  boolean isCancelled(Job job) {
    return cancellations.requested(job.id());
  }

  /** Why nothing more is sent for the job; empty if it continues. */
  Optional<Reason> reason(String jobId) {
    if (cancellations.requested(jobId)) {
      return Optional.of(
          new Reason("job_cancelled", "the job was cancelled before this request had an answer."));
    }
    return Optional.ofNullable(acceptedAt(jobId))
        .filter(this::isTooOld)
        .map(since ->
            new Reason(
                "deadline_exceeded",
                "there was no answer within %s of acceptance (caravan.max-wait). Send it again."
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

  private @Nullable Instant acceptedAt(String jobId) {
    if (acceptedAt.size() >= REMEMBERED) {
      acceptedAt.clear();
    }
    return acceptedAt.computeIfAbsent(jobId, id -> store.job(id).map(Job::acceptedAt).orElse(null));
  }

  private boolean isTooOld(Instant since) {
    return clock.instant().isAfter(since.plus(maxWait));
  }

  private static String text(Duration duration) {
    return duration.toHours() + " h";
  }
}
