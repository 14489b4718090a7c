package io.caravan.provider;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.LenientJson;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Translates the lines of a provider's results file to OpenAI's format. A line that is not JSON
 * affects no other line.
 *
 * @param patient whether a file that ends in the middle of a line is requested again
 */
public record ResultLines(InputStream results, boolean patient) {
  /** Also reads the JSON dialect of Python, since the answer was paid for. */
  public static final JsonMapper JSON = LenientJson.MAPPER;

  /** Finds the id in a line that is not JSON. */
  @FunctionalInterface
  public interface FindId {
    @Nullable String in(byte[] buffer, int start, int length);
  }

  /**
   * Writes all lines.
   *
   * @param translation makes a line in OpenAI's format from a result
   * @param customId maps the id in a result to our custom_id
   */
  public void write(
      Function<JsonNode, ObjectNode> translation,
      FindId findId,
      UnaryOperator<String> customId,
      OutputStream out)
      throws IOException {
    try (LineReader lines = new LineReader(results, LineReader.LONGEST_ANSWER)) {
      while (lines.next()) {
        if (!lines.isTooLong() && !lines.isBlank()) {
          byte[] line = line(lines, translation, findId, customId);
          out.write(line);
          out.write('\n');
        }
      }
    }
  }

  private byte[] line(
      LineReader lines,
      Function<JsonNode, ObjectNode> translation,
      FindId findId,
      UnaryOperator<String> customId)
      throws IOException {
    try {
      JsonNode result = JSON.readTree(lines.buffer(), lines.start(), (int) lines.length());
      return JSON.writeValueAsBytes(translation.apply(result));
    } catch (JacksonException e) {
      if (patient && !lines.isEnded()) {
        throw RetryableProviderException.inTime("the results end in the middle of a line");
      }
      String raw =
          new String(lines.buffer(), lines.start(), (int) lines.length(), StandardCharsets.UTF_8);
      String id = findId.in(lines.buffer(), lines.start(), (int) lines.length());
      return id == null ? raw.getBytes(StandardCharsets.UTF_8) : broken(customId.apply(id), raw);
    }
  }

  private static byte[] broken(String customId, String raw) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.putNull("id").put("custom_id", customId).putNull("response");
    line.putObject("error")
        .put("code", Reason.UNREADABLE.code())
        .put("message", Reason.UNREADABLE.message());
    return JSON.writeValueAsBytes(line.put("answer", raw));
  }
}
