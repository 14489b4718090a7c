package io.caravan.routes.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file at a provider. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record StoredFile(
    String id, String purpose, String filename, byte[] content, Instant created) {
  static StoredFile output(String id, String filename, List<String> lines, Instant created) {
    byte[] content = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    return new StoredFile(id, "batch_output", filename, content, created);
  }

  /** Restores the output of {@link #save()}; null if empty. */
  static @Nullable StoredFile saved(JsonNode saved) {
    return saved.isObject()
        ? new StoredFile(
            saved.path("id").asText(),
            saved.path("purpose").asText(),
            saved.path("filename").asText(),
            saved.path("content").asText().getBytes(StandardCharsets.UTF_8),
            Instant.parse(saved.path("created").asText()))
        : null;
  }

  /** Returns its whole state, with the content as text. */
  ObjectNode save() {
    return new JsonMapper()
        .createObjectNode()
        .put("id", id)
        .put("purpose", purpose)
        .put("filename", filename)
        .put("content", new String(content, StandardCharsets.UTF_8))
        .put("created", created.toString());
  }

  public List<String> lines() {
    return new String(content, StandardCharsets.UTF_8).lines().toList();
  }

  /** The file object in OpenAI's format. */
  ObjectNode json() {
    return new JsonMapper()
        .createObjectNode()
        .put("object", "file")
        .put("id", id)
        .put("purpose", purpose)
        .put("filename", filename)
        .put("bytes", content.length)
        .put("created_at", created.getEpochSecond())
        .putNull("expires_at")
        .put("status", "processed")
        .putNull("status_details");
  }
}
