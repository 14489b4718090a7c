package io.caravan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What became of one request. */
sealed interface Answer {

  boolean succeeded();

  /** The line of an output or error file. */
  ObjectNode toLine(String customId);

  static Answer refused(ApiException e) {
    return new Answered(e.status(), IdKind.REQUEST.next(), e.error().toJson());
  }

  private static ObjectNode line(String customId) {
    return Json.MAPPER.createObjectNode().put("id", IdKind.LINE.next()).put("custom_id", customId);
  }

  /** An HTTP answer, good or bad. */
  record Answered(int status, String requestId, JsonNode body) implements Answer {
    @Override
    public boolean succeeded() {
      return status >= 200 && status < 300;
    }

    @Override
    public ObjectNode toLine(String customId) {
      ObjectNode line = line(customId);
      line.putObject("response")
          .put("status_code", status)
          .put("request_id", requestId)
          .set("body", body);
      return line.putNull("error");
    }
  }

  /** There is no HTTP answer, and here is why. */
  record NotRun(String code, String message) implements Answer {
    @Override
    public boolean succeeded() {
      return false;
    }

    @Override
    public ObjectNode toLine(String customId) {
      ObjectNode line = line(customId).putNull("response");
      line.putObject("error").put("code", code).put("message", message);
      return line;
    }
  }
}
