package io.caravan.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.call.AnswerReader;
import io.caravan.call.AnswerTooLargeException;
import io.caravan.call.UpstreamReply;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.BackendAnswer.Answered;
import io.caravan.server.backend.BackendAnswer.NotRun;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.BatchUsage;
import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.JsonBytes;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** Turns the replies of an upstream into answers of the server. */
record UpstreamAnswers(String host, Duration requestTimeout)
    implements AnswerReader<BackendAnswer> {
  private static final int EXCERPT = 200;

  @Override
  public BackendAnswer read(UpstreamReply reply) {
    String requestId = reply.header("x-request-id").orElseGet(IdKind.REQUEST::nextOfMany);
    return JsonBytes.parse(reply.text())
        .map(body -> new Answered(reply.status(), requestId, body))
        .orElseGet(() -> new Answered(badStatus(reply), requestId, JsonBytes.of(notJson(reply))));
  }

  @Override
  public long outputTokens(BackendAnswer answer) {
    return answer instanceof Answered answered ? BatchUsage.in(answered.body()).output() : 0;
  }

  @Override
  public BackendAnswer noReply(IOException problem, int attempts) {
    return switch (problem) {
      case AnswerTooLargeException e ->
          new NotRun(
              "answer_too_large",
              "The upstream's answer was discarded: %s.".formatted(e.getMessage()));
      case SocketTimeoutException e ->
          new NotRun(
              "request_timeout",
              "The upstream did not answer within %s (%d attempts)."
                  .formatted(requestTimeout, attempts));
      default ->
          new NotRun(
              "upstream_unreachable",
              "No answer from %s: %s. Check that it runs and that CARAVAN_UPSTREAM_URL is right."
                  .formatted(host, problem));
    };
  }

  /** A reply without JSON, such as a web page, is an error even with status 200. */
  private static int badStatus(UpstreamReply reply) {
    return reply.good() ? 502 : reply.status();
  }

  private static JsonNode notJson(UpstreamReply reply) {
    String oneLine =
        new String(reply.text(), UTF_8).replaceAll("<[^>]*>", " ").replaceAll("\\s+", " ").strip();
    String excerpt = oneLine.length() <= EXCERPT ? oneLine : oneLine.substring(0, EXCERPT) + "…";
    String message =
        "The upstream answered %d with %s instead of a JSON object: %s"
            .formatted(
                reply.status(), reply.header("content-type").orElse("no content type"), excerpt);
    return ApiError.server(message, "invalid_upstream_answer").toJson();
  }
}
