package io.caravan.call;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The HTTP reply of an upstream, JSON or not. */
public final class UpstreamReply {
  private static final JsonMapper JSON = new JsonMapper();

  private final int status;
  private final HttpHeaders headers;
  private final byte[] text;

  UpstreamReply(int status, HttpHeaders headers, byte[] text) {
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  public int status() {
    return status;
  }

  /** The body, not copied. */
  public byte[] text() {
    return text;
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  public boolean good() {
    return status >= 200 && status < 300;
  }

  /** Whether the upstream, or a proxy in front of it, is overloaded. */
  boolean overload() {
    return switch (status) {
      case 429 -> !noCredit();
      case TemporaryFailures.NO_CAPACITY, 502, 503, 504, 529 -> true; // 529: at Anthropic
      default -> false;
    };
  }

  /** Whether a retry may succeed. */
  boolean retryable() {
    return TemporaryFailures.SINGLE_REQUEST.include(status) && !(status == 429 && noCredit());
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

  private boolean noCredit() {
    try {
      return TemporaryFailures.SINGLE_REQUEST.isNoCredit(
          JSON.readTree(text).at("/error/code").asText());
    } catch (IOException e) {
      return false;
    }
  }
}
