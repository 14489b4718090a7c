package io.caravan.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.BackendAnswer.Answered;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.JsonBytes;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an upstream sent back, JSON or not. */
public final class UpstreamReply {
  private static final int EXCERPT = 200;

  private final int status;
  private final HttpHeaders headers;
  private final byte[] text;
  private final Optional<JsonBytes> json;

  UpstreamReply(int status, HttpHeaders headers, byte[] text) {
    this.status = status;
    this.headers = headers;
    this.text = text;
    this.json = JsonBytes.parse(text);
  }

  int status() {
    return status;
  }

  public Optional<JsonBytes> json() {
    return json;
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  boolean good() {
    return status >= 200 && status < 300;
  }

  /** The server has too much to do, or something before it does. */
  boolean overload() {
    return switch (status) {
      case 429 -> !noCredit();
      case 502, 503, 504 -> true;
      default -> false;
    };
  }

  /** Whether another try may go better; no credit never heals, and 501 says never. */
  boolean retryable() {
    return switch (status) {
      case 408, 409 -> true;
      case 429 -> !noCredit();
      case 501, 505 -> false;
      default -> status >= 500;
    };
  }

  /** llama.cpp also answers 500 to what a client does wrong, and then always the same. */
  boolean repeats(@Nullable UpstreamReply before) {
    return status == 500
        && before != null
        && before.status == 500
        && new String(text, UTF_8).equals(new String(before.text, UTF_8));
  }

  /** llama.cpp reads its model for minutes and says so. */
  boolean loading() {
    return status == 503 && new String(text, UTF_8).contains("Loading model");
  }

  BackendAnswer toAnswer() {
    String requestId = header("x-request-id").orElseGet(IdKind.REQUEST::nextOfMany);
    return json.map(body -> new Answered(status, requestId, body))
        .orElseGet(() -> new Answered(badStatus(), requestId, JsonBytes.of(notJson())));
  }

  private boolean noCredit() {
    return json.isPresent()
        && "insufficient_quota".equals(json.get().toTree().at("/error/code").asText());
  }

  /** A page that says 200 is no success. */
  private int badStatus() {
    return good() ? 502 : status;
  }

  private JsonNode notJson() {
    String oneLine =
        new String(text, UTF_8).replaceAll("<[^>]*>", " ").replaceAll("\\s+", " ").strip();
    String excerpt = oneLine.length() <= EXCERPT ? oneLine : oneLine.substring(0, EXCERPT) + "…";
    String message =
        "The upstream answered %d with %s instead of a JSON object: %s"
            .formatted(status, header("content-type").orElse("no content type"), excerpt);
    return ApiError.server(message, "invalid_upstream_answer").toJson();
  }
}
