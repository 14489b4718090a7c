package io.caravan.web;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** OpenAI's error body, written by filters and resolvers. */
public final class ErrorAnswer {
  private static final JsonMapper JSON = new JsonMapper();

  private ErrorAnswer() {}

  /** Writes an error as the response. */
  public static void write(
      HttpServletResponse response, int status, @Nullable String code, String message)
      throws IOException {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("error")
        .put("message", message)
        .put("type", status < 500 ? "invalid_request_error" : "server_error")
        .putNull("param")
        .put("code", code);
    response.setStatus(status);
    response.setContentType("application/json");
    response.getOutputStream().write(JSON.writeValueAsBytes(body));
  }
}
