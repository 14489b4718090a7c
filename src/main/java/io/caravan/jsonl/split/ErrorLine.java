package io.caravan.jsonl.split;

import com.fasterxml.jackson.core.JsonGenerator;
import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.Quote;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.StrictJson;
import java.io.IOException;
import java.io.OutputStream;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A line of an error file for a request without an answer, in OpenAI's output format.
 *
 * @param message names the file and the line
 * @param line number of the line in the input file
 * @param attempts number of attempts; written if more than one
 */
public record ErrorLine(
    @Nullable String customId, String code, String message, long line, int attempts) {

  /** The error line of a refused line; {@code name} is the user's name of the file. */
  public static ErrorLine of(RefusedLine refused, String name) {
    String messages =
        refused.problems().stream().map(LineProblem::message).collect(Collectors.joining(" "));
    String code = refused.problems().get(0).code();
    return of(refused.customId(), new Reason(code, messages), name, refused.line(), 1);
  }

  public static ErrorLine of(
      @Nullable String customId, Reason reason, String name, long line, int attempts) {
    String message = "%s line %s: %s".formatted(Quote.plain(name, 200), line, reason.message());
    return new ErrorLine(customId, reason.code(), message, line, attempts);
  }

  /** Writes the line and its newline. */
  public void writeTo(OutputStream out) throws IOException {
    writeTo(out, "");
  }

  /**
   * Writes the line and its newline.
   *
   * @param beside an additional member, or empty
   */
  public void writeTo(OutputStream out, String beside) throws IOException {
    try (JsonGenerator json = StrictJson.JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeNullField("id");
      json.writeStringField("custom_id", customId);
      json.writeNullField("response");
      json.writeObjectFieldStart("error");
      json.writeStringField("code", code);
      json.writeStringField("message", message);
      json.writeNumberField("line", line);
      json.writeEndObject();
      if (attempts > 1) {
        json.writeNumberField("attempts", attempts);
      }
      if (!beside.isEmpty()) {
        json.writeRaw("," + beside);
      }
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }
}
