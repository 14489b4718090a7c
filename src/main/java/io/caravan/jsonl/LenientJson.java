package io.caravan.jsonl;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses answers that are not strict JSON: they were paid for all the same. */
public final class LenientJson {
  private static final JsonFactory JSON = settings().build();

  /** For values that are copied: numbers keep their spelling. */
  public static final JsonMapper MAPPER = StrictJson.exact(settings());

  private static final String VALUE =
      "(?<!\\\\)\"%s\"\\s*:\\s*(\"(?:[^\"\\\\]++|\\\\.)*+\"|-?\\d++)";

  private static final Pattern CUSTOM_ID = Pattern.compile(VALUE.formatted("custom_id"));
  private static final Pattern KEY = Pattern.compile(VALUE.formatted("key"));

  private LenientJson() {}

  /** Accepts NaN and other Python habits, and unescaped or superfluous characters. */
  private static JsonFactoryBuilder settings() {
    return (JsonFactoryBuilder)
        JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // NaN, as Python writes it
            .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
            .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
            .enable(JsonReadFeature.ALLOW_LEADING_ZEROS_FOR_NUMBERS)
            .enable(JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS)
            .enable(JsonReadFeature.ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS)
            .enable(JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .streamReadConstraints(StrictJson.JSON.streamReadConstraints());
  }

  /** Invalid UTF-8 is replaced. */
  public static JsonParser parser(byte[] buffer, int start, int length) throws IOException {
    return JSON.createParser(new String(buffer, start, length, UTF_8));
  }

  /** The custom_id in a line that is not JSON at all; null if there is none. */
  public static @Nullable String customId(byte[] buffer, int start, int length) {
    return find(CUSTOM_ID, buffer, start, length);
  }

  /** The same for {@code key}, Gemini's name for the custom_id. */
  public static @Nullable String key(byte[] buffer, int start, int length) {
    return find(KEY, buffer, start, length);
  }

  private static @Nullable String find(Pattern value, byte[] buffer, int start, int length) {
    Matcher found = value.matcher(new String(buffer, start, length, UTF_8));
    if (!found.find()) {
      return null;
    }
    String id = found.group(1);
    if (!id.startsWith("\"")) {
      return id;
    }
    byte[] literal = id.getBytes(UTF_8);
    try (JsonParser json = StrictJson.parser(literal, 0, literal.length)) {
      json.nextToken();
      return json.getText();
    } catch (IOException e) {
      return null;
    }
  }

  /** The line as strict JSON: a custom_id and invalid numbers such as NaN become strings. */
  public static byte[] strict(byte[] line) throws IOException {
    var out = new ByteArrayOutputStream(line.length + 64);
    try (JsonParser json = parser(line, 0, line.length);
        JsonGenerator copy = StrictJson.JSON.createGenerator(out)) {
      int depth = 0;
      boolean id = false;
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (token.isNumeric()) {
          number(json, id, copy);
        } else {
          copy.copyCurrentEvent(json);
        }
        id = depth == 1 && token == JsonToken.FIELD_NAME && "custom_id".equals(json.currentName());
      }
    }
    return out.toByteArray();
  }

  private static void number(JsonParser json, boolean id, JsonGenerator copy) throws IOException {
    String text = json.getText();
    if (id || !DecimalsAsWritten.NUMBER.matcher(text).matches()) {
      copy.writeString(text);
    } else {
      copy.writeNumber(text);
    }
  }
}
