package io.caravan.jsonl;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The members of a line that validation needs; the rest is only checked to be valid JSON. */
public final class RequestMembers {
  /** The member that the converter writes in place of a row that it cannot convert. */
  public static final String REFUSED = "caravan_refused";

  private final byte[] buffer;
  private final int start;
  private final Set<String> given = new LinkedHashSet<>(8);

  public Member customId = Member.ABSENT;
  public Member method = Member.ABSENT;
  public Member url = Member.ABSENT;
  public Member model = Member.ABSENT;
  public @Nullable String bodyType;
  public boolean streams;

  /** Whether the line has content for a request: a prompt, messages, input or native content. */
  private boolean content;

  /** Number of texts in {@code body.input}; relevant for embeddings only. */
  private int inputs;

  /** Offset of the custom_id's opening quote from the start of the line. */
  public int customIdAt;

  public final Set<String> repeated = new LinkedHashSet<>(0);
  public @Nullable LineProblem unreadable;
  public @Nullable LineProblem refusal;

  private RequestMembers(byte[] buffer, int start) {
    this.buffer = buffer;
    this.start = start;
  }

  public static RequestMembers read(byte[] buffer, int start, int length) throws IOException {
    RequestMembers members = new RequestMembers(buffer, start);
    members.readLine(length);
    return members;
  }

  /** Number of texts to embed; 0 for other endpoints. */
  public int embeddingInputs() {
    String endpoint = url.text();
    return endpoint != null && endpoint.endsWith("/embeddings") ? inputs : 0;
  }

  private void readLine(int length) throws IOException {
    if (!ByteScan.isUtf8(buffer, start, start + length)
        || StrictJson.looksLikeUtf16(buffer, start, length)) {
      unreadable = NoText.notUtf8("line");
      return;
    }
    try (JsonParser json = StrictJson.parser(buffer, start, length)) {
      JsonToken first = json.nextToken();
      if (first != JsonToken.START_OBJECT) {
        unreadable =
            invalid("the line holds %s, not a JSON object".formatted(Member.typeOf(first)));
        return;
      }
      readRequest(json);
      if (json.nextToken() != null) {
        unreadable = invalid("the line has more text after its JSON object");
      } else if (!hasHalfId() && Surrogates.hasHalf(buffer, start, length)) {
        unreadable =
            new LineProblem(
                "invalid_character",
                "the line holds half of a surrogate pair, such as a truncated emoji. Write whole characters.",
                null);
      }
    } catch (JsonProcessingException e) {
      unreadable = new LineProblem("invalid_json_line", StrictJson.message(e), null);
    }
  }

  /** A half in the custom_id is reported as a problem of the custom_id. */
  private boolean hasHalfId() {
    String id = customId.text();
    return id != null && Surrogates.hasHalf(id);
  }

  private void readRequest(JsonParser json) throws IOException {
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken value = json.nextToken();
      switch (name) {
        case "custom_id" -> {
          once(name);
          customIdAt = (int) json.currentTokenLocation().getByteOffset();
          customId = Member.read(json, buffer, start);
        }
        case "method" -> {
          once(name);
          method = Member.read(json, buffer, start);
        }
        case "url" -> {
          once(name);
          url = Member.read(json, buffer, start);
        }
        case "body" -> {
          once(name);
          bodyType = value == JsonToken.VALUE_NULL ? null : Member.typeOf(value);
          readBody(json, value);
        }
        case "prompt", "messages", "input" -> {
          content = true;
          json.skipChildren();
        }
        case REFUSED -> refusal(json);
        default -> {
          content |= value == JsonToken.START_OBJECT && NativeLine.isMember(name);
          json.skipChildren();
        }
      }
    }
  }

  /** Whether the line is not a whole request but can be converted to one. */
  public boolean isShort() {
    return content && method.isAbsent() && url.isAbsent() && bodyType == null;
  }

  private void refusal(JsonParser json) throws IOException {
    String code = "invalid_row";
    String message = "";
    String param = null;
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      switch (name) {
        case "code" -> code = json.getValueAsString(code);
        case "message" -> message = json.getValueAsString(message);
        case "param" -> param = json.getValueAsString();
        default -> {}
      }
      json.skipChildren();
    }
    refusal = new LineProblem(code, message, param);
  }

  private void readBody(JsonParser json, JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken inner = json.nextToken();
      switch (name) {
        case "model" -> {
          once("body.model");
          model = Member.read(json, buffer, start);
        }
        case "stream" -> {
          once("body.stream");
          streams = inner == JsonToken.VALUE_TRUE;
          json.skipChildren();
        }
        case "input" -> inputs += countInputs(json, inner);
        default -> json.skipChildren();
      }
    }
  }

  /** Counts texts to embed: a string or an array of tokens is one text, other arrays hold many. */
  private static int countInputs(JsonParser json, JsonToken value) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      json.skipChildren();
      return 1;
    }
    int several = 0;
    for (JsonToken next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
      several += next.isNumeric() ? 0 : 1;
      json.skipChildren();
    }
    return Math.max(1, several);
  }

  private void once(String name) {
    if (!given.add(name)) {
      repeated.add(name);
    }
  }

  private static LineProblem invalid(String what) {
    return new LineProblem("invalid_json_line", what + ". Write one JSON object a line.", null);
  }
}
