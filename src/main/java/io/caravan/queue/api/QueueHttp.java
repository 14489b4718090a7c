package io.caravan.queue.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueJob;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestStatus;
import io.caravan.queue.flow.QueueAdd;
import io.caravan.queue.flow.QueueBulk;
import io.caravan.queue.flow.QueueFlush;
import io.caravan.queue.flow.RequestView;
import io.caravan.queue.store.RequestStore;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The HTTP side of the queue's routes: caller, parameters, answers. */
@Component("queueHttp")
public class QueueHttp {
  /** Camel's header with the call. */
  static final String REQUEST = "CamelHttpServletRequest";

  private static final JsonMapper JSON = StrictJson.MAPPER;
  private static final int SMALL = 1 << 16;
  private static final int USUAL_PAGE = 100;
  private static final int LARGEST_PAGE = 1000;

  private final QueueBulk bulk;
  private final QueueFlush flush;
  private final RequestStore store;
  private final RequestView view;
  private final StatusView status;

  QueueHttp(
      QueueBulk bulk, QueueFlush flush, RequestStore store, RequestView view, StatusView status) {
    this.bulk = bulk;
    this.flush = flush;
    this.store = store;
    this.view = view;
    this.status = status;
  }

  private static HttpServletRequest call(Exchange exchange) {
    return Objects.requireNonNull(
        exchange.getMessage().getHeader(REQUEST, HttpServletRequest.class));
  }

  static Caller caller(Exchange exchange) {
    return Caller.of(call(exchange));
  }

  static @Nullable String parameter(Exchange exchange, String name) {
    String value = call(exchange).getParameter(name);
    return value == null || value.isEmpty() ? null : value;
  }

  static void answer(Exchange exchange, int code, Object body) {
    Message message = exchange.getMessage();
    message.removeHeaders("*"); // else the headers of the call would be sent back
    message.setHeader(Exchange.HTTP_RESPONSE_CODE, code);
    message.setHeader(Exchange.CONTENT_TYPE, "application/json");
    message.setBody(
        body instanceof JsonNode json ? json.toString().getBytes(StandardCharsets.UTF_8) : body);
  }

  /** Queues the requests of the body. */
  public void bulk(Exchange exchange) throws IOException {
    InputStream body = exchange.getMessage().getBody(InputStream.class);
    boolean atomic = "true".equals(parameter(exchange, "atomic"));
    String key = call(exchange).getHeader(QueueAdd.IDEMPOTENCY_KEY);
    String client = caller(exchange).client();
    answer(
        exchange,
        202,
        bulk.add(body == null ? InputStream.nullInputStream() : body, client, atomic, key));
  }

  /** Answers with what is queued. */
  public void status(Exchange exchange) {
    answer(exchange, 200, status.of(caller(exchange).sees()));
  }

  /** Answers with a page of requests. */
  public void list(Exchange exchange) {
    String wanted = parameter(exchange, "status");
    RequestStatus only =
        wanted == null
            ? null
            : RequestStatus.of(wanted)
                .orElseThrow(() ->
                    QueueProblem.invalid(
                        "invalid_value",
                        "status must be one of queued, submitted, completed, failed, cancelled, expired.",
                        "status"));
    int limit = limit(parameter(exchange, "limit"));
    String after = parameter(exchange, "after");
    List<QueuedRequest> found =
        store.list(
            caller(exchange).sees(),
            parameter(exchange, "job_type"),
            only,
            after == null ? "" : after,
            limit + 1);
    ObjectNode page = JSON.createObjectNode();
    var data = page.putArray("data");
    found.stream().limit(limit).forEach(request -> data.add(view.brief(request)));
    page.put("has_more", found.size() > limit);
    answer(exchange, 200, page);
  }

  static int limit(@Nullable String text) {
    try {
      int limit = text == null ? USUAL_PAGE : Integer.parseInt(text);
      if (limit >= 1 && limit <= LARGEST_PAGE) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw QueueProblem.invalid(
        "invalid_value", "limit must be a number from 1 to %d.".formatted(LARGEST_PAGE), "limit");
  }

  /** Makes jobs of the queued requests that the body names. */
  public void flush(Exchange exchange) throws IOException {
    ObjectNode order = body(exchange);
    order
        .fieldNames()
        .forEachRemaining(name -> {
          if (!Set.of("job_type", "provider", "max_jobs").contains(name)) {
            throw QueueProblem.invalid(
                "unknown_parameter", "Use job_type, provider and max_jobs.", name);
          }
        });
    JsonNode most = order.path("max_jobs");
    if (!most.isMissingNode()
        && !most.isNull()
        && (!most.canConvertToLong() || most.asLong() < 1)) {
      throw QueueProblem.invalid(
          "invalid_value", "max_jobs must be a number of requests, at least 1.", "max_jobs");
    }
    flush(
        exchange,
        order.path("job_type").textValue(),
        order.path("provider").textValue(),
        most.canConvertToLong() && most.isNumber() ? most.asLong() : Long.MAX_VALUE);
  }

  /** Makes jobs of all queued requests. */
  public void flushAll(Exchange exchange) {
    flush(exchange, null, null, Long.MAX_VALUE);
  }

  private void flush(
      Exchange exchange, @Nullable String jobType, @Nullable String provider, long most) {
    ObjectNode answer = JSON.createObjectNode();
    var jobs = answer.putArray("jobs");
    for (QueueJob job : flush.flush(caller(exchange).sees(), jobType, provider, most)) {
      jobs.addObject()
          .put("id", job.id())
          .put("requests", job.requests())
          .put("queue", job.group().queue())
          .put("provider", job.group().provider())
          .put("url", job.group().endpoint())
          .put("model", job.group().model());
    }
    answer(exchange, 202, answer);
  }

  static ObjectNode body(Exchange exchange) throws IOException {
    InputStream in = exchange.getMessage().getBody(InputStream.class);
    byte[] bytes = in == null ? new byte[0] : in.readNBytes(SMALL);
    if (bytes.length == 0) {
      return JSON.createObjectNode();
    }
    try {
      if (JSON.readTree(bytes) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      // reported below
    }
    throw QueueProblem.invalid("invalid_json", "The body is not a JSON object.", null);
  }
}
