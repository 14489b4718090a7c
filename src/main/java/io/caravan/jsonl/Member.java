package io.caravan.jsonl;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A member of a request, reduced to what validation needs.
 *
 * @param type the JSON type found, null if the member is absent
 * @param text the value if it is a string of at most {@link #MAX_TEXT} characters
 */
public record Member(@Nullable String type, @Nullable String text) {
  public static final int MAX_TEXT = 512;
  static final Member ABSENT = new Member(null, null);

  /** A character takes at most six bytes, {@code \\u0061}. */
  public static final int MAX_TEXT_BYTES = MAX_TEXT * 6 + 2;

  static Member read(JsonParser json, byte[] buffer, int start) throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return ABSENT;
    }
    if (token == JsonToken.VALUE_STRING) {
      int at = (int) json.currentTokenLocation().getByteOffset();
      return new Member("string", isShort(buffer, start + at) ? text(json) : null);
    }
    json.skipChildren();
    return new Member(typeOf(token), null);
  }

  /** The name of a JSON type for messages, such as {@code an array}. */
  static String typeOf(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE -> "true";
      case VALUE_FALSE -> "false";
      default -> "null";
    };
  }

  public boolean isAbsent() {
    return type == null;
  }

  public boolean isString() {
    return "string".equals(type);
  }

  private static @Nullable String text(JsonParser json) throws IOException {
    String text = json.getText();
    return text.length() <= MAX_TEXT ? text : null;
  }

  /** Looks for the closing quote, so that strings of megabytes are never decoded. */
  private static boolean isShort(byte[] buffer, int quote) {
    int last = (int) Math.min(buffer.length, (long) quote + MAX_TEXT_BYTES);
    for (int i = quote + 1; i < last; i++) {
      if (buffer[i] == '"') {
        return true;
      }
      if (buffer[i] == '\\') {
        i++;
      }
    }
    return false;
  }
}
