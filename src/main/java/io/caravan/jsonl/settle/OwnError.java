package io.caravan.jsonl.settle;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.caravan.jsonl.Quote;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.StrictJson;
import io.caravan.jsonl.split.ErrorLine;
import java.io.IOException;
import java.io.OutputStream;

/**
 * An error that {@link Harvest} writes for a request; {@link Settlement} adds the name of the input
 * and the line to make an {@link ErrorLine} of it.
 */
record OwnError(String customId, Reason reason) {
  private static final int MAX_CODE = 80;
  private static final int MAX_MESSAGE = 2000;

  static OwnError read(byte[] line) throws IOException {
    String id = "";
    String code = "";
    String message = "";
    try (JsonParser json = StrictJson.parser(line, 0, line.length)) {
      json.nextToken();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        String text = json.nextTextValue();
        switch (name) {
          case "custom_id" -> id = text;
          case "code" -> code = text;
          case "message" -> message = text;
          default -> json.skipChildren();
        }
      }
    }
    return new OwnError(id, new Reason(code, message));
  }

  /** Writes the line and its newline. */
  void writeTo(OutputStream out) throws IOException {
    try (JsonGenerator json = StrictJson.JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("custom_id", customId);
      json.writeStringField("code", Quote.plain(reason.code(), MAX_CODE));
      json.writeStringField("message", Quote.plain(reason.message(), MAX_MESSAGE));
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }
}
