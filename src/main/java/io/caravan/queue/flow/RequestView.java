package io.caravan.queue.flow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestStatus;
import io.caravan.queue.wait.EventFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Shows queued requests to clients, as JSON. */
@Component
public class RequestView implements EventFormat {
  private static final JsonMapper JSON = StrictJson.MAPPER;

  private final JobStore jobs;
  private final Expectation expectation;

  RequestView(JobStore jobs, Expectation expectation) {
    this.jobs = jobs;
    this.expectation = expectation;
  }

  /** The request with its result or error. */
  public ObjectNode whole(QueuedRequest request) {
    ObjectNode view = brief(request);
    put(view, "batch_id", request.jobId() == null ? null : batchId(request.jobId()));
    putAnswer(view, request);
    put(
        view,
        "estimated_completion_time",
        request.status().terminal() ? null : expectation.of(request));
    return view;
  }

  /** An ended request; a long answer is left out and must be asked for. */
  @Override
  public String json(QueuedRequest request) {
    ObjectNode view = brief(request);
    view.put("href", "/batch/requests/" + request.id());
    if (request.answer() != null || request.status() == RequestStatus.CANCELLED) {
      putAnswer(view, request);
    }
    return view.toString();
  }

  private static void putAnswer(ObjectNode view, QueuedRequest request) {
    JsonNode answer = answer(request);
    if (request.status() == RequestStatus.COMPLETED) {
      view.set("result", answer.path("response").path("body"));
      view.putNull("error");
    } else {
      view.putNull("result");
      view.set("error", error(request, answer));
    }
    JsonNode code = answer.path("response").path("status_code");
    if (code.isNumber()) {
      view.set("status_code", code);
    }
  }

  private static JsonNode error(QueuedRequest request, JsonNode answer) {
    JsonNode error = answer.path("error");
    if (error.isObject()) {
      return error;
    }
    JsonNode body = answer.path("response").path("body");
    return switch (request.status()) {
      case CANCELLED ->
          JSON.createObjectNode()
              .put("code", "request_cancelled")
              .put("message", "The request was cancelled.");
      case FAILED, EXPIRED -> body.path("error").isObject() ? body.get("error") : body;
      case QUEUED, SUBMITTED, COMPLETED -> JSON.nullNode();
    };
  }

  private static JsonNode answer(QueuedRequest request) {
    try {
      return request.answer() == null ? JSON.createObjectNode() : JSON.readTree(request.answer());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The request as in lists. */
  public ObjectNode brief(QueuedRequest request) {
    ObjectNode view = JSON.createObjectNode();
    view.put("id", request.id()).put("job_id", request.id());
    view.put("status", request.status().word());
    view.put("custom_id", request.customId());
    put(view, "job_type", request.jobType().isEmpty() ? null : request.jobType());
    view.put("queue", request.group().queue()).put("provider", request.group().provider());
    view.put("url", request.group().endpoint()).put("model", request.group().model());
    view.put("priority", request.priority());
    put(view, "deadline", request.deadline());
    put(view, "created_at", request.acceptedAt());
    put(view, "ended_at", request.endedAt());
    put(view, "job", request.jobId());
    try {
      view.set(
          "metadata",
          request.metadata() == null ? JSON.nullNode() : JSON.readTree(request.metadata()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return view;
  }

  /** The provider's id of a job's batch, if it has only one; else the job's own. */
  private String batchId(String job) {
    List<String> ids =
        jobs.parts(job).stream()
            .map(Part::submission)
            .map(submission -> submission.batchId())
            .filter(Objects::nonNull)
            .distinct()
            .toList();
    return ids.size() == 1 ? ids.getFirst() : job;
  }

  private static void put(ObjectNode view, String name, @Nullable Object value) {
    switch (value) {
      case null -> view.putNull(name);
      case Instant instant -> view.put(name, instant.toString());
      default -> view.put(name, value.toString());
    }
  }
}
