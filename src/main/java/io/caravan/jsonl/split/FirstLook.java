package io.caravan.jsonl.split;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.StrictJson;
import io.caravan.jsonl.convert.Format;
import io.caravan.jsonl.convert.RequestBuilder;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Detects files in a wrong format, where no line is usable, unlike files with some bad lines. */
public final class FirstLook implements Closeable {
  /** The number of first lines that must all have the same wrong format. */
  private static final int LINES = 10;

  /** An object that is valid JSON for this many bytes counts as one object over several lines. */
  private static final int ENOUGH = 1 << 20;

  private static final String ARRAY =
      "it is a JSON array. Write one request per line; jq -c '.[]' converts it.";
  private static final String SEVERAL_LINES =
      "a JSON object spans several lines. Write one request per line; jq -c . converts it.";
  private static final String PROMPTS =
      "its lines are JSON requests, but a .txt file holds prompts. Rename it to end with .jsonl.";

  private enum End {
    FINE,
    TOO_EARLY,
    BROKEN
  }

  private final Path input;
  private final LineReader lines;
  private final Map<String, JsonToken> members = new HashMap<>();

  private FirstLook(Path input, int maxLineBytes) throws IOException {
    this.input = input;
    this.lines = new LineReader(Files.newInputStream(input), maxLineBytes);
  }

  /**
   * The problem of a plain file as a whole and what to do, without file name.
   *
   * @param endpoints supported by the provider of its pipeline
   */
  public static Optional<String> problem(
      Path input, Format format, Set<String> endpoints, int maxLineBytes) throws IOException {
    try (var look = new FirstLook(input, maxLineBytes)) {
      if (!look.next()) {
        return Optional.empty();
      }
      return Optional.ofNullable(
          switch (format) {
            case JSONL -> look.problemOfLines(endpoints);
            case TEXT -> look.form() == null ? null : PROMPTS;
            case CSV -> null; // the converter checks the header
          });
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  private @Nullable String problemOfLines(Set<String> endpoints) throws IOException {
    End end = read();
    byte first = lines.buffer()[lines.start()];
    if (first == '[') {
      return end == End.TOO_EARLY || (end == End.FINE && !next()) ? ARRAY : null;
    }
    if (first == '{' && end == End.TOO_EARLY && !lines.isTooLong() && isOneObject()) {
      return SEVERAL_LINES;
    }
    Form form = form();
    if (form == null || form == Form.WHOLE || form.isTakenBy(endpoints)) {
      return null;
    }
    for (int i = 1; i < LINES && next(); i++) {
      if (form() != form) {
        return null;
      }
    }
    return form.told();
  }

  private boolean next() throws IOException {
    boolean found = lines.next();
    while (found && lines.isBlank()) {
      found = lines.next();
    }
    return found;
  }

  private @Nullable Form form() throws IOException {
    return read() == End.FINE ? Form.of(members) : null;
  }

  /** Parses the line and stores the members of its object. */
  private End read() throws IOException {
    members.clear();
    if (lines.isTooLong()) {
      return End.TOO_EARLY;
    }
    try (JsonParser json = StrictJson.parser(lines.buffer(), lines.start(), (int) lines.length())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        json.skipChildren();
      } else {
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
          members.put(name, json.nextToken());
          json.skipChildren();
        }
      }
      return json.nextToken() == null ? End.FINE : End.BROKEN;
    } catch (JsonProcessingException e) {
      return e.getLocation().getByteOffset() < lines.length() ? End.BROKEN : End.TOO_EARLY;
    }
  }

  /** Whether this line and the following ones start with one JSON object. */
  private boolean isOneObject() throws IOException {
    try (InputStream in = Files.newInputStream(input)) {
      in.skipNBytes(lines.offset());
      JsonParser json = StrictJson.JSON.createParser(in);
      int depth = 0;
      do {
        JsonToken token = json.nextToken();
        if (token == null) {
          return false;
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      } while (depth > 0 && json.currentLocation().getByteOffset() < ENOUGH);
      return true;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  /** A format of requests. */
  private enum Form {
    WHOLE("", "", ""),
    LIST("", "", "") {
      @Override
      String told() {
        return "its requests are in one list. Write one request per line; jq -c '.requests[]' converts it.";
      }
    },
    ANTHROPIC("Anthropic's", "custom_id and params", "/v1/messages"),
    GEMINI("Gemini's", "key and request", "/v1beta/"),
    BEDROCK("Amazon Bedrock's", "recordId and modelInput", ""),
    MISTRAL("Mistral's", "custom_id and body, without method and url", "");

    private final String whose;
    private final String members;

    /** Prefix of the endpoints that accept it; empty if none does. */
    private final String endpoint;

    Form(String whose, String members, String endpoint) {
      this.whose = whose;
      this.members = members;
      this.endpoint = endpoint;
    }

    /** The format of a line with these members; null for short lines and unknown formats. */
    static @Nullable Form of(Map<String, JsonToken> members) {
      if (RequestBuilder.CONTENT.stream().anyMatch(members::containsKey)) {
        return null;
      }
      if (members.containsKey("url") || members.containsKey("method")) {
        return isObject(members, "body") ? WHOLE : null;
      }
      if (isObject(members, "params")) {
        return ANTHROPIC;
      }
      if (isObject(members, "request")) {
        return GEMINI;
      }
      if (isObject(members, "modelInput")) {
        return BEDROCK;
      }
      if (members.get("requests") == JsonToken.START_ARRAY) {
        return LIST;
      }
      return isObject(members, "body") && members.containsKey("custom_id") ? MISTRAL : null;
    }

    private static boolean isObject(Map<String, JsonToken> members, String name) {
      return members.get(name) == JsonToken.START_OBJECT;
    }

    boolean isTakenBy(Set<String> taken) {
      return !endpoint.isEmpty() && taken.stream().anyMatch(it -> it.startsWith(endpoint));
    }

    String told() {
      return "its lines have %s own form (%s), which the provider of this pipeline does not support. Use OpenAI's format with custom_id, method, url and body%s."
          .formatted(
              whose,
              members,
              endpoint.isEmpty() ? "" : ", or choose a pipeline whose provider supports it");
    }
  }
}
