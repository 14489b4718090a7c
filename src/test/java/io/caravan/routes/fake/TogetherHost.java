package io.caravan.routes.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * Together's format, after its TypeScript client (together-typescript, August 2026) and its upload
 * examples.
 */
final class TogetherHost implements Host {
  private static final JsonMapper JSON = new JsonMapper();

  @Override
  public Call heard(Call call) {
    if (call.path().equals("/v1/files/upload")) {
      Map<String, byte[]> form = call.form();
      boolean whole =
          "batch-api".equals(text(form, "purpose"))
              && text(form, "filename").equals(text(form, "file_name"));
      return Host.moved(call, whole ? "/v1/files" : "/v1/refused", call.body());
    }
    if (call.method().equals("POST") && call.path().matches("/v1/(files|batches)")) {
      JsonNode body = call.path().endsWith("batches") ? Host.json(call.body()) : null;
      boolean good = body != null && !body.has("metadata");
      return Host.moved(call, good ? call.path() : "/v1/refused", call.body());
    }
    return new Call(
        call.method(),
        call.path(),
        call.rawPath(),
        Map.of("limit", "1000"),
        call.headers(),
        call.body());
  }

  private static String text(Map<String, byte[]> form, String field) {
    return new String(form.getOrDefault(field, new byte[0]), UTF_8);
  }

  @Override
  public Reply told(String verb, Reply reply) {
    return switch (verb) {
      case "create" ->
          Host.changed(
              reply,
              batch ->
                  JSON.createObjectNode().put("warning", "").<ObjectNode>set("job", job(batch)));
      case "retrieve", "cancel" -> Host.changed(reply, TogetherHost::job);
      case "list-batches" ->
          Host.changed(
              reply,
              list -> {
                ArrayNode jobs = JSON.createArrayNode();
                list.path("data").forEach(batch -> jobs.add(job(batch)));
                return jobs;
              });
      case "list-files" ->
          Host.changed(reply, list -> JSON.createObjectNode().set("data", list.path("data")));
      default -> reply;
    };
  }

  private static ObjectNode job(JsonNode batch) {
    String status = batch.path("status").asText().toUpperCase(Locale.ROOT);
    ObjectNode job = JSON.createObjectNode().put("id", batch.path("id").asText());
    job.put("user_id", "u-1").put("progress", 0.0).put("model_id", "m-1");
    job.set("endpoint", batch.path("endpoint"));
    job.set("input_file_id", batch.path("input_file_id"));
    job.put("output_file_id", batch.path("output_file_id").asText(""));
    job.put("error_file_id", batch.path("error_file_id").asText(""));
    job.put("created_at", Instant.ofEpochSecond(batch.path("created_at").asLong()).toString());
    return job.put("status", status.equals("CANCELLING") ? "IN_PROGRESS" : status)
        .put("error", batch.at("/errors/data/0/message").asText(""));
  }
}
