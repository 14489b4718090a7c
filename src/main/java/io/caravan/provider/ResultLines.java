package io.caravan.provider;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.Lenient;
import io.caravan.jsonl.LineReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a provider's results file, each written as a line of OpenAI's. A line that is no
 * JSON costs itself alone.
 *
 * @param patient whether a file that ends in the middle of a line is to be asked for again
 */
record ResultLines(InputStream results, boolean patient) {
  /** Reads what Python's JSON writes, too: the answer was paid for. */
  static final JsonMapper JSON = new JsonMapper(Lenient.JSON);

  /** Answers may carry images. */
  private static final int MAX_LINE = 1 << 26;

  /** Finds the id in a line that is no JSON. */
  @FunctionalInterface
  interface FindId {
    @Nullable String in(byte[] buffer, int start, int length);
  }

  /** Makes a line of OpenAI's of a result. */
  @FunctionalInterface
  interface Translation {
    ObjectNode line(JsonNode result);
  }

  /** Makes our custom_id of the id that stands in a result. */
  @FunctionalInterface
  interface Ids {
    String customId(String id);
  }

  void write(Translation translation, FindId findId, Ids ids, OutputStream out) throws IOException {
    try (LineReader lines = new LineReader(results, MAX_LINE)) {
      while (lines.next()) {
        if (!lines.isTooLong() && !lines.isBlank()) {
          byte[] line = line(lines, translation, findId, ids);
          out.write(line);
          out.write('\n');
        }
      }
    }
  }

  private byte[] line(LineReader lines, Translation translation, FindId findId, Ids ids)
      throws IOException {
    try {
      JsonNode result = JSON.readTree(lines.buffer(), lines.start(), (int) lines.length());
      return JSON.writeValueAsBytes(translation.line(result));
    } catch (JacksonException e) {
      if (patient && !lines.isEnded()) {
        throw RetryableProviderException.inTime("the results broke off in the middle of a line");
      }
      String raw =
          new String(lines.buffer(), lines.start(), (int) lines.length(), StandardCharsets.UTF_8);
      String id = findId.in(lines.buffer(), lines.start(), (int) lines.length());
      return id == null ? raw.getBytes(StandardCharsets.UTF_8) : broken(ids.customId(id), raw);
    }
  }

  private static byte[] broken(String customId, String raw) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.putNull("id").put("custom_id", customId).putNull("response");
    line.putObject("error")
        .put("code", "unreadable_answer")
        .put(
            "message",
            "the provider's answer is no JSON. It was paid for, and stands here as \"answer\".");
    return JSON.writeValueAsBytes(line.put("answer", raw));
  }
}
