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

/** Tells a file of another form, of which no line could be used, from one with bad lines. */
public final class FirstLook implements Closeable {
  /** When all of the first lines have a form that the provider does not take, the file has. */
  private static final int LINES = 10;

  /** An object that is fine for so many bytes goes over several lines. */
  private static final int ENOUGH = 1 << 20;

  private static final String ARRAY =
      "it is a JSON array. Write one request a line: jq -c '.[]' makes such a file of it.";
  private static final String SEVERAL_LINES =
      "a JSON object goes over several lines. Write one request a line: jq -c . makes such a file of it.";
  private static final String PROMPTS =
      "its lines are requests in JSON, and would be sent as prompts. Let its name end with .jsonl.";

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
   * What is wrong with a plain file as a whole and what to do, without file name.
   *
   * @param endpoints that its pipeline's provider takes
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
            case CSV -> null; // its header tells
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

  /** Reads the line and notes the members of its object. */
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

  /** Whether this line and those that follow begin with one object. */
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

  /** How a request may be written. */
  private enum Form {
    WHOLE("", "", ""),
    LIST("", "", "") {
      @Override
      String told() {
        return "its requests stand in one list. Write one request a line: jq -c '.requests[]' makes such a file of it.";
      }
    },
    ANTHROPIC("Anthropic's", "custom_id and params", "/v1/messages"),
    GEMINI("Gemini's", "key and request", "/v1beta/"),
    BEDROCK("Amazon Bedrock's", "recordId and modelInput", ""),
    MISTRAL("Mistral's", "custom_id and body, without method and url", "");

    private final String whose;
    private final String members;

    /** What the endpoints begin with that take it; empty when none does. */
    private final String endpoint;

    Form(String whose, String members, String endpoint) {
      this.whose = whose;
      this.members = members;
      this.endpoint = endpoint;
    }

    /** The form of a line with these members; null for a short line, and for one of no form. */
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
      return "its lines have %s own form (%s), which the provider of this pipeline does not take. Write OpenAI's, with custom_id, method, url and body%s."
          .formatted(
              whose,
              members,
              endpoint.isEmpty() ? "" : ", or choose a pipeline whose provider does");
    }
  }
}
