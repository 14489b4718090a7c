package io.caravan.server.run;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.caravan.server.wire.Json;
import io.caravan.server.wire.JsonBytes;
import java.io.IOException;

/** One request, reduced to what backends need. */
record Request(String customId, JsonBytes body) {

  private static final JsonBytes NO_BODY = JsonBytes.of(Json.MAPPER.createObjectNode());

  /** Parses a validated line. */
  static Request parse(byte[] line) throws IOException {
    String customId = "";
    JsonBytes body = NO_BODY;
    try (JsonParser parser = Json.MAPPER.createParser(line)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        parser.nextToken();
        if (field.equals("custom_id")) {
          customId = parser.getText();
        } else if (field.equals("body")) {
          int start = (int) parser.currentTokenLocation().getByteOffset();
          parser.skipChildren();
          body = JsonBytes.part(line, start, (int) parser.currentLocation().getByteOffset());
        } else {
          parser.skipChildren();
        }
      }
    }
    return new Request(customId, body);
  }
}
