package io.caravan.queue.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.flow.Backoff;
import io.caravan.flow.Reasons;
import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.JobStore;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueJob;
import io.caravan.queue.RequestStatus;
import io.caravan.queue.store.OutcomeStore;
import io.caravan.queue.store.QueueJobs;
import io.caravan.queue.store.RequestOutcome;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Gives queued requests their outcomes once their job is settled. */
@Component("queueAnswers")
public class QueueAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(QueueAnswers.class);
  private static final long TURN_MILLIS = 250;
  private static final int MOST = 4;
  private static final int LINES = 500;
  private static final long BYTES = 4 << 20;
  private static final Backoff RETRY = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5), 2);

  private final QueueJobs jobs;
  private final OutcomeStore outcomes;
  private final JobStore store;
  private final Workspace workspace;
  private final Clock clock;

  QueueAnswers(
      QueueJobs jobs, OutcomeStore outcomes, JobStore store, Workspace workspace, Clock clock) {
    this.jobs = jobs;
    this.outcomes = outcomes;
    this.store = store;
    this.workspace = workspace;
    this.clock = clock;
  }

  /** Time until the next look for settled jobs. */
  public long millisUntilNextTurn() {
    return TURN_MILLIS;
  }

  /** Claims settled jobs. */
  public List<QueueJob> claimDue() {
    var due = new ArrayList<QueueJob>();
    while (due.size() < MOST) {
      var next = jobs.claimToAnswer();
      if (next.isEmpty()) {
        break;
      }
      due.add(next.get());
    }
    return due;
  }

  /** Stores the outcomes of a job's requests; after a crash, those that are missing. */
  public void answer(@Body QueueJob queued) throws IOException {
    Job job =
        store
            .job(queued.id())
            .orElseThrow(() -> new IllegalStateException("there is no job " + queued.id()));
    String reason = job.refusal();
    if (reason != null) {
      outcomes.endRest(queued, RequestStatus.FAILED, error("file_refused", reason));
    } else if (job.status() == JobStatus.RELEASED) {
      outcomes.endRest(
          queued,
          RequestStatus.FAILED,
          error("answer_lost", "the files of its job were deleted before the answer was read."));
    } else {
      try (JobFiles files = workspace.open(job.id())) {
        copy(queued, files.results());
        copy(queued, files.errors());
      }
      outcomes.endRest(
          queued, RequestStatus.FAILED, error("not_answered", "the request has no answer."));
    }
    jobs.answered(queued);
  }

  private static String error(String code, String message) {
    ObjectNode line = StrictJson.MAPPER.createObjectNode();
    line.putNull("response").putObject("error").put("code", code).put("message", message);
    return line.toString();
  }

  private void copy(QueueJob job, Path file) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (LineReader lines = new LineReader(Files.newInputStream(file), LineReader.LONGEST_ANSWER)) {
      var together = new ArrayList<RequestOutcome>();
      long bytes = 0;
      while (lines.next()) {
        bytes += lines.length();
        together.add(outcome(lines));
        if (together.size() == LINES || bytes > BYTES) {
          outcomes.end(job, together);
          together.clear();
          bytes = 0;
        }
      }
      outcomes.end(job, together);
    }
  }

  private static RequestOutcome outcome(LineReader lines) throws IOException {
    if (lines.isTooLong()) {
      throw new IOException("line %d is too long to be stored".formatted(lines.number()));
    }
    String line = new String(lines.buffer(), lines.start(), (int) lines.length(), UTF_8);
    JsonNode answer = StrictJson.MAPPER.readTree(line);
    return new RequestOutcome(answer.path("custom_id").asText(), status(answer), line);
  }

  private static RequestStatus status(JsonNode answer) {
    int code = answer.path("response").path("status_code").asInt();
    if (answer.path("error").isNull() && code >= 200 && code < 300) {
      return RequestStatus.COMPLETED;
    }
    return switch (answer.path("error").path("code").asText()) {
      case "batch_expired" -> RequestStatus.EXPIRED;
      case "batch_cancelled", "job_cancelled" -> RequestStatus.CANCELLED;
      default -> RequestStatus.FAILED;
    };
  }

  /** Retries the job later. */
  public void retryLater(
      @ExchangeProperty(QueueFlush.JOB) QueueJob job,
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure) {
    Instant due = clock.instant().plus(RETRY.after(job.tries()));
    LOG.warn(
        "job={} its requests have no answers yet, retry at {}: {}",
        job.id(),
        due,
        Reasons.of(failure));
    jobs.retryAt(job, due);
  }
}
