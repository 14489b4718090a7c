package io.caravan.flow.synchronous;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.call.AnswerTooLargeException;
import io.caravan.call.TemporaryFailures;
import io.caravan.call.UpstreamReply;
import io.caravan.jsonl.LenientJson;
import io.caravan.jsonl.StrictJson;
import io.caravan.jsonl.settle.AnswerLine;
import io.caravan.provider.AccessRefusedException;
import io.caravan.provider.Answer;
import io.caravan.provider.Provider;
import io.caravan.provider.QueueFullException;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RetryableProviderException;
import io.caravan.provider.SingleCalls;
import io.caravan.provider.SingleRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Decides what the outcome of a call means, and writes the line of a final one. */
final class Judge {
  /** A call with one of these, or a client error, was refused before it ran: it costs nothing. */
  private static final Set<Integer> NOT_RUN = Set.of(501, 503, 505, 529);

  private static final int TIMED_OUT = 408;
  private static final int UNAVAILABLE = 503;
  private static final int TOO_MANY = 429;
  private static final int BAD_REQUEST = 400;
  private static final Pattern NO_CAPACITY =
      Pattern.compile("resource[ _-]?unavailable|capacity_exceeded", Pattern.CASE_INSENSITIVE);
  private static final Pattern TIER = Pattern.compile("service[ _]?tier", Pattern.CASE_INSENSITIVE);

  private final Provider provider;
  private final SingleCalls dialect;
  private final Tier tier;
  private final Charges charges;
  private final Clock clock;

  Judge(Provider provider, Tier tier, Charges charges, Clock clock) {
    this.provider = provider;
    this.dialect = provider.singleCalls();
    this.tier = tier;
    this.charges = charges;
    this.clock = clock;
  }

  /** Decides about one call. */
  Verdict of(SingleRequest request, Charges.Most most, Heard heard) {
    return switch (heard) {
      case Heard.Nothing(AnswerTooLargeException e) ->
          new Verdict.Final(
              ownError(request.customId(), "answer_too_large", String.valueOf(e.getMessage())),
              false,
              most.total());
      case Heard.Nothing(IOException e) -> new Verdict.Again(problem(e), !isUnsent(e), false, null);
      case Heard.Reply(UpstreamReply reply, AnswerFacts facts) ->
          reply.good() ? good(request, most, reply, facts) : failed(request, most, reply);
    };
  }

  /** A line for a request that is not sent. */
  static byte[] ownError(String customId, String code, String message) {
    ObjectNode line = StrictJson.MAPPER.createObjectNode();
    line.putNull("id").put("custom_id", customId).putNull("response");
    line.putObject("error").put("code", code).put("message", message);
    return (line + "\n").getBytes(UTF_8);
  }

  private static boolean isUnsent(IOException problem) {
    return problem instanceof ConnectException
        || problem instanceof UnknownHostException
        || problem instanceof SSLHandshakeException;
  }

  private static String problem(IOException e) {
    return e instanceof SocketTimeoutException
        ? "the provider did not answer in time"
        : "no answer from the provider: " + e;
  }

  private Verdict good(
      SingleRequest request, Charges.Most most, UpstreamReply reply, AnswerFacts facts) {
    if (!facts.json()) {
      return new Verdict.Again("the answer is not a JSON object", true, false, reply);
    }
    String served = reply.header("x-gemini-service-tier").orElse(null);
    AnswerFacts told = facts.withTier(served == null ? null : served.toLowerCase(Locale.ROOT));
    byte[] line = line(request, reply, reply.text(), told);
    AnswerLine answer = answer(line);
    if (answer == null || (!answer.success() && answer.retryable())) {
      return new Verdict.Again("the answer has no content", true, false, reply);
    }
    return new Verdict.Final(
        line, answer.success(), charges.actual(request.model(), told, most.total()).orElse(null));
  }

  private static @Nullable AnswerLine answer(byte[] line) {
    try {
      return AnswerLine.read(line, 0, line.length - 1);
    } catch (IOException e) {
      return null;
    }
  }

  private Verdict failed(SingleRequest request, Charges.Most most, UpstreamReply reply) {
    int status = reply.status();
    String text = new String(reply.text(), UTF_8);
    boolean charged = status == TIMED_OUT || (status >= 500 && !NOT_RUN.contains(status));
    String problem;
    try {
      new Answer(
              status,
              reply.header("retry-after").orElse(null),
              new ByteArrayInputStream(reply.text()),
              provider.apiKey())
          .orThrow(clock);
      throw new IllegalStateException("status " + status);
    } catch (AccessRefusedException e) {
      return new Verdict.AccessRefused(e.getMessage());
    } catch (RetryableProviderException | QueueFullException e) {
      problem = String.valueOf(e.getMessage());
    } catch (RejectedByProviderException e) {
      problem = e.getMessage();
      if (tier == Tier.FLEX && status == BAD_REQUEST && TIER.matcher(text).find()) {
        return new Verdict.NoTier(problem);
      }
      if (!TemporaryFailures.SYNCHRONOUS_CALL.include(status)) {
        boolean filtered = status == BAD_REQUEST && text.contains("content_filter");
        return new Verdict.Final(
            error(request, reply, text),
            false,
            filtered ? most.prompt() : BigDecimal.ZERO); // Azure charges filtered prompts
      }
    }
    return new Verdict.Again(problem, charged, hasNoCapacity(status, text), reply);
  }

  /** Gemini answers 503 when its flex tier is full, OpenAI 429 with these words. */
  private boolean hasNoCapacity(int status, String text) {
    return tier == Tier.FLEX
        && (status == TemporaryFailures.NO_CAPACITY
            || status == UNAVAILABLE
            || (status == TOO_MANY && NO_CAPACITY.matcher(text).find()));
  }

  /** The line of a final error; a body that is no JSON object is quoted. */
  private byte[] error(SingleRequest request, UpstreamReply reply, String text) {
    String key = provider.apiKey();
    byte[] body = (key.isBlank() ? text : text.replace(key, "***")).getBytes(UTF_8);
    AnswerFacts facts = AnswerFacts.read(body);
    if (!facts.json()) {
      ObjectNode quoted = StrictJson.MAPPER.createObjectNode();
      quoted
          .putObject("error")
          .put("message", new String(body, UTF_8))
          .put("type", "invalid_request_error")
          .putNull("param")
          .putNull("code");
      body = quoted.toString().getBytes(UTF_8);
    }
    return line(request, reply, body, facts);
  }

  /** The line of an answer or error in OpenAI's format, with its line end. */
  private byte[] line(SingleRequest request, UpstreamReply reply, byte[] body, AnswerFacts facts) {
    return dialect.translates(request.url())
        ? translated(request, reply, body, facts)
        : copied(request, reply, body, facts);
  }

  private byte[] translated(
      SingleRequest request, UpstreamReply reply, byte[] body, AnswerFacts facts) {
    try {
      JsonNode answer = LenientJson.MAPPER.readTree(body);
      ObjectNode line =
          dialect.translate(request, reply.status(), answer, provider, clock.instant());
      line.put("id", id(request));
      line.setAll(
          StrictJson.MAPPER
              .createObjectNode()
              .put("way", tier.word())
              .put("service_tier", facts.tier()));
      var bytes = new ByteArrayOutputStream(body.length + 512);
      bytes.writeBytes(StrictJson.MAPPER.writeValueAsBytes(line));
      bytes.write('\n');
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Copies a JSON body as it is, but in one line: outside of strings, line ends are white space.
   */
  private byte[] copied(
      SingleRequest request, UpstreamReply reply, byte[] body, AnswerFacts facts) {
    String requestId =
        reply.header("x-request-id").or(() -> reply.header("request-id")).orElse(null);
    String head =
        "{\"id\":%s,\"custom_id\":%s,\"response\":{\"status_code\":%d,\"request_id\":%s,\"body\":"
            .formatted(
                quoted(id(request)), quoted(request.customId()), reply.status(), quoted(requestId));
    String tail =
        "},\"error\":null,\"way\":%s,\"service_tier\":%s}\n"
            .formatted(quoted(tier.word()), quoted(facts.tier()));
    var line = new ByteArrayOutputStream(body.length + head.length() + tail.length() + 64);
    line.writeBytes(head.getBytes(UTF_8));
    for (byte it : body) {
      line.write(it == '\n' || it == '\r' ? ' ' : it);
    }
    line.writeBytes(tail.getBytes(UTF_8));
    return line.toByteArray();
  }

  private static String id(SingleRequest request) {
    return "sync_req_" + request.customId();
  }

  private static String quoted(@Nullable String text) {
    return text == null
        ? "null"
        : '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}
