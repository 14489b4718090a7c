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

/** The HTTP reply of an upstream, JSON or not. */
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

  /** Whether the upstream, or a proxy in front of it, is overloaded. */
  boolean overload() {
    return switch (status) {
      case 429 -> !noCredit();
      case 502, 503, 504 -> true;
      default -> false;
    };
  }

  /** Whether a retry may succeed: not without credit, nor after 501 or 505. */
  boolean retryable() {
    return switch (status) {
      case 408, 409 -> true;
      case 429 -> !noCredit();
      case 501, 505 -> false;
      default -> status >= 500;
    };
  }

  /** Detects bad requests that llama.cpp answers with 500: the answer is the same each time. */
  boolean repeats(@Nullable UpstreamReply before) {
    return status == 500
        && before != null
        && before.status == 500
        && new String(text, UTF_8).equals(new String(before.text, UTF_8));
  }

  /** Whether llama.cpp reports that it is loading its model, which can take minutes. */
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

  /** A reply without JSON, such as a web page, is an error even with status 200. */
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
