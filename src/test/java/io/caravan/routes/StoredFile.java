package io.caravan.routes;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** A file at a provider. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record StoredFile(String id, String purpose, String filename, byte[] content, Instant created) {
  static StoredFile output(String id, String filename, List<String> lines, Instant created) {
    byte[] content =
        TestCaravan.text(lines.toArray(String[]::new)).getBytes(StandardCharsets.UTF_8);
    return new StoredFile(id, "batch_output", filename, content, created);
  }

  List<String> lines() {
    return new String(content, StandardCharsets.UTF_8).lines().toList();
  }

  /** As OpenAI shows it. */
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
