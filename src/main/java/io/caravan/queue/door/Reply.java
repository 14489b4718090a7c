package io.caravan.queue.door;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueProblem;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * What a call of the door is answered with.
 *
 * @param retryAfter seconds until another attempt makes sense; 0 if it never does
 */
record Reply(int status, JsonNode body, int retryAfter) {
  static final String REQUEST = "Caravan-Request";

  /** OpenAI's clients obey this header; a retry without a key would queue the request again. */
  private static final String RETRY = "x-should-retry";

  static Reply error(int status, @Nullable String code, String message, @Nullable String param) {
    ObjectNode body = StrictJson.MAPPER.createObjectNode();
    body.putObject("error")
        .put("message", message)
        .put("type", type(status))
        .put("param", param)
        .put("code", code);
    return new Reply(status, body, 0);
  }

  static Reply later(int status, String code, String message, int seconds) {
    return new Reply(status, error(status, code, message, null).body(), seconds);
  }

  private static String type(int status) {
    if (status == 429) {
      return "rate_limit_error";
    }
    return status < 500 ? "invalid_request_error" : "server_error";
  }

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /**
   * The answer to a call whose request is queued.
   *
   * @param hasKey whether a retry would find this request
   */
  ResponseEntity<byte[]> of(String request, boolean hasKey) {
    var answer = answer().header(REQUEST, request);
    if (!isSuccess() && !(hasKey && retryAfter > 0)) {
      answer.header(RETRY, "false");
    }
    return answer.body(bytes());
  }

  private ResponseEntity.BodyBuilder answer() {
    var answer = ResponseEntity.status(status).contentType(MediaType.APPLICATION_JSON);
    return retryAfter > 0 ? answer.header(HttpHeaders.RETRY_AFTER, "" + retryAfter) : answer;
  }

  private byte[] bytes() {
    return body.toString().getBytes(UTF_8);
  }

  /** The answer to a call that could not be queued. */
  static ResponseEntity<byte[]> of(QueueProblem problem) {
    String param = problem.param();
    Reply error =
        error(
            problem.status(),
            problem.code(),
            problem.getMessage().replace("data.", ""),
            param == null || param.equals("data") ? null : param.replaceFirst("^data\\.", ""));
    return new Reply(error.status(), error.body(), problem.retryAfter())
        .answer()
        .body(error.bytes());
  }
}
