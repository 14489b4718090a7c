package io.caravan.queue.api;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.job.Job;
import io.caravan.job.JobOverview;
import io.caravan.job.JobStatus;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueProblem;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.springframework.stereotype.Component;

/** Jobs over HTTP, by Caravan's id or the provider's: their status and their results. */
@Component("batchHttp")
public class BatchHttp {
  private static final JsonMapper JSON = StrictJson.MAPPER;
  private static final int SECONDS = 5;

  private final JobStore store;
  private final JobOverview overview;
  private final Workspace workspace;

  BatchHttp(JobStore store, JobOverview overview, Workspace workspace) {
    this.store = store;
    this.overview = overview;
    this.workspace = workspace;
  }

  private Job job(String id, Exchange exchange) {
    Caller caller = QueueHttp.caller(exchange);
    return store
        .job(id)
        .or(() -> overview.jobOfBatch(id))
        .filter(job -> caller.maySee(job.client()))
        .orElseThrow(
            () -> QueueProblem.of(404, "batch_not_found", "There is no batch %s.".formatted(id)));
  }

  /** Answers with the status of a job and its batches. */
  public void status(@Header("batch_id") String id, Exchange exchange) {
    Job job = job(id, exchange);
    List<Part> parts = store.parts(job.id());
    ObjectNode view = JSON.createObjectNode();
    view.put("id", job.id())
        .put("status", job.status().settled() ? "completed" : job.status().word());
    view.put("pipeline", job.pipeline()).put("provider", job.provider());
    view.put("created_at", job.acceptedAt().toString());
    if (job.finishedAt() != null) {
      view.put("ended_at", job.finishedAt().toString());
    }
    if (job.refusal() != null) {
      view.put("status", "failed").put("error", job.refusal());
    }
    long done =
        job.status().settled()
            ? job.counts().results()
            : parts.stream().mapToLong(part -> part.submission().completed()).sum();
    view.putObject("request_counts")
        .put("total", job.counts().requests())
        .put("completed", done)
        .put("failed", job.status().settled() ? job.counts().errors() : 0);
    var batches = view.putArray("batches");
    for (Part part : parts) {
      ObjectNode batch = batches.addObject();
      batch.put("id", part.submission().batchId()).put("status", part.status().word());
      batch.put("requests", part.size().requests());
    }
    QueueHttp.answer(exchange, 200, view);
  }

  /** Answers with the results and errors of a job, one line for each request. */
  public void results(@Header("batch_id") String id, Exchange exchange) throws IOException {
    Job job = job(id, exchange);
    if (!job.status().settled()) {
      throw QueueProblem.later(
          409,
          "batch_not_ended",
          "Batch %s has not ended. GET /batch/status/%s shows its progress.".formatted(id, id),
          SECONDS);
    }
    if (job.status() == JobStatus.RELEASED) {
      throw QueueProblem.of(
          410,
          "results_deleted",
          "The results of batch %s were deleted after the retention time (caravan.retention)."
              .formatted(id));
    }
    QueueHttp.answer(exchange, 200, lines(job));
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/x-ndjson");
  }

  private InputStream lines(Job job) throws IOException {
    JobFiles files = workspace.open(job.id());
    try {
      var lines = new SequenceInputStream(open(files.results()), open(files.errors()));
      return new FilterInputStream(lines) {
        @Override
        public void close() throws IOException {
          try (files) {
            super.close();
          }
        }
      };
    } catch (IOException e) {
      files.close();
      throw e;
    }
  }

  private static InputStream open(Path file) throws IOException {
    return Files.exists(file) ? Files.newInputStream(file) : InputStream.nullInputStream();
  }

  /** Answers whether the store can be read. */
  public void health(Exchange exchange) {
    long waiting = overview.unfinishedJobs().values().stream().mapToLong(Long::longValue).sum();
    ObjectNode view = JSON.createObjectNode().put("status", "ok").put("unfinished_jobs", waiting);
    QueueHttp.answer(exchange, 200, view);
  }
}
