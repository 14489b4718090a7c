package io.caravan.routes.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import java.util.Map;

/** Mistral's format, after its TypeScript client (client-ts, August 2026). */
final class MistralHost implements Host {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Map<String, String> STATUSES =
      Map.of(
          "validating", "QUEUED",
          "in_progress", "RUNNING",
          "completed", "SUCCESS",
          "failed", "FAILED",
          "expired", "TIMEOUT_EXCEEDED",
          "cancelling", "CANCELLATION_REQUESTED",
          "cancelled", "CANCELLED");

  @Override
  public Call heard(Call call) {
    String path = call.path();
    if (path.startsWith("/v1/batches")) {
      return Host.moved(call, "/v1/refused", call.body());
    }
    if (!path.startsWith("/v1/batch/jobs")) {
      return paged(call, path);
    }
    String there = "/v1/batches" + path.substring("/v1/batch/jobs".length());
    return call.method().equals("POST") && there.equals("/v1/batches")
        ? create(call)
        : paged(call, there);
  }

  private static Call create(Call call) {
    JsonNode job = Host.json(call.body());
    boolean good =
        job.path("input_files").size() == 1
            && job.path("timeout_hours").isInt()
            && job.path("model").isTextual();
    ObjectNode batch = JSON.createObjectNode().put("completion_window", "24h");
    batch.set("input_file_id", job.path("input_files").path(0));
    batch.set("endpoint", job.path("endpoint"));
    batch.set("metadata", job.path("metadata"));
    return Host.moved(call, good ? "/v1/batches" : "/v1/refused", batch.toString().getBytes(UTF_8));
  }

  /** Returns all batches on the first page. */
  private static Call paged(Call call, String path) {
    String limit = call.query().getOrDefault("page", "0").equals("0") ? "1000" : "0";
    return new Call(call.method(), path, path, Map.of("limit", limit), call.headers(), call.body());
  }

  @Override
  public Reply told(String verb, Reply reply) {
    return switch (verb) {
      case "create", "retrieve", "cancel" -> Host.changed(reply, MistralHost::job);
      case "list-batches" ->
          Host.changed(
              reply,
              list -> {
                ArrayNode jobs = JSON.createArrayNode();
                list.path("data").forEach(batch -> jobs.add(job(batch)));
                ObjectNode page = JSON.createObjectNode().put("object", "list");
                return page.put("total", jobs.size()).set("data", jobs);
              });
      default -> reply;
    };
  }

  private static ObjectNode job(JsonNode batch) {
    ObjectNode job = JSON.createObjectNode().put("object", "batch");
    job.set("id", batch.path("id"));
    job.putArray("input_files").add(batch.path("input_file_id"));
    job.set("endpoint", batch.path("endpoint"));
    job.set("metadata", batch.path("metadata"));
    job.put("output_file", batch.path("output_file_id").asText(null));
    job.put("error_file", batch.path("error_file_id").asText(null));
    ArrayNode errors = job.putArray("errors");
    batch
        .at("/errors/data")
        .forEach(error ->
            errors.addObject().put("message", error.path("message").asText()).put("count", 1));
    job.put("status", STATUSES.get(batch.path("status").asText()));
    job.set("created_at", batch.path("created_at"));
    JsonNode counts = batch.path("request_counts");
    job.set("total_requests", counts.path("total"));
    job.put("completed_requests", counts.path("completed").asInt() + counts.path("failed").asInt());
    job.set("succeeded_requests", counts.path("completed"));
    job.set("failed_requests", counts.path("failed"));
    return job;
  }
}
