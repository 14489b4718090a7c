package io.caravan.jsonl;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** Strict JSON parsing, line by line. */
public final class StrictJson {
  private static final int MAX_DEPTH = 1000;

  /** Parts of parser messages that only help programmers. */
  private static final String NOISE =
      "(?s) \\(code [^)]*\\)|: was expecting \\(JSON.*|: enable .*| ?\\(?(for|start marker at) .*|\n.*";

  public static final JsonFactory JSON = settings().build();

  /** For values that are copied: numbers keep their spelling. */
  public static final JsonMapper MAPPER = exact(settings());

  private StrictJson() {}

  /** String length is not limited here: lines are limited before they are parsed. */
  private static JsonFactoryBuilder settings() {
    return (JsonFactoryBuilder)
        JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES) // names come from users
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build());
  }

  static JsonMapper exact(JsonFactoryBuilder settings) {
    return JsonMapper.builder(new DecimalsAsWritten(settings))
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .build();
  }

  /** Parses UTF-8 only: a line is copied as it is, and other encodings would be valid JSON, too. */
  public static JsonParser parser(byte[] buffer, int start, int length) throws IOException {
    boolean marked = length > 0 && (buffer[start] == (byte) 0xFE || buffer[start] == (byte) 0xFF);
    return marked || looksLikeUtf16(buffer, start, length)
        ? JSON.createParser(new String(buffer, start, length, UTF_8))
        : JSON.createParser(buffer, start, length);
  }

  /** Whether Jackson would detect UTF-16 or UTF-32 by zeros in the first four bytes. */
  static boolean looksLikeUtf16(byte[] buffer, int start, int length) {
    for (int i = start; i < start + Math.min(length, 4); i++) {
      if (buffer[i] == 0) {
        return true;
      }
    }
    return false;
  }

  /** The message for a line that cannot be parsed: the problem and what to do. */
  static String message(JsonProcessingException problem) {
    String reason = problem.getOriginalMessage();
    if (problem instanceof StreamConstraintsException && reason.contains("nesting")) {
      return "the line nests deeper than %s levels. Flatten it.".formatted(MAX_DEPTH);
    }
    return "the line is not valid JSON: %s (column %s). Write one JSON object a line."
        .formatted(
            Quote.plain(reason.replaceAll(NOISE, ""), 160),
            problem.getLocation() == null ? 1 : problem.getLocation().getColumnNr());
  }
}
