package io.caravan.queue.api;

import io.caravan.disk.NoRoomException;
import io.caravan.queue.QueueProblem;
import io.caravan.web.ErrorAnswer;
import io.caravan.web.ErrorResolver;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponse;

/** Answers failures below {@code /batch} with {@code application/problem+json} (RFC 9457). */
@Component("queueProblems")
public class Problems extends ErrorResolver {
  static final String PATH = "/batch";

  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  Problems() {
    super(PATH);
  }

  @Override
  protected void answer(
      HttpServletRequest request, HttpServletResponse response, Exception exception)
      throws IOException {
    if (exception instanceof ErrorResponse error) {
      setHeaders(response, error);
    }
    write(response, problem(request.getMethod() + " " + request.getRequestURI(), exception));
  }

  static void write(HttpServletResponse response, QueueProblem problem) throws IOException {
    if (problem.retryAfter() > 0) {
      response.setIntHeader("Retry-After", problem.retryAfter());
    }
    ErrorAnswer.writeProblem(
        response, problem.status(), problem.code(), problem.getMessage(), problem.param());
  }

  /** Turns the failure of a route into its answer. */
  public void answerCall(
      Exchange exchange, @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure)
      throws IOException {
    Message message = exchange.getMessage();
    HttpServletRequest request = message.getHeader(QueueHttp.REQUEST, HttpServletRequest.class);
    QueueProblem problem =
        problem(
            request == null
                ? String.valueOf(exchange.getFromRouteId())
                : request.getMethod() + " " + request.getRequestURI(),
            failure);
    message.removeHeaders("*");
    message.setHeader(Exchange.HTTP_RESPONSE_CODE, problem.status());
    message.setHeader(Exchange.CONTENT_TYPE, ErrorAnswer.PROBLEM);
    if (problem.retryAfter() > 0) {
      message.setHeader("Retry-After", problem.retryAfter());
    }
    message.setBody(
        ErrorAnswer.problem(
            problem.status(), problem.code(), problem.getMessage(), problem.param()));
  }

  private static QueueProblem problem(String call, Exception exception) {
    return switch (exception) {
      case QueueProblem problem -> problem;
      case DataAccessException e -> unavailable(call, e);
      case TransactionException e -> unavailable(call, e);
      case NoRoomException e -> QueueProblem.notStored(e);
      case DirectConsumerNotAvailableException e ->
          QueueProblem.later(
              503, "not_running", "Caravan is starting or stopping. Send the call again later.", 5);
      case ErrorResponse e ->
          QueueProblem.of(
              e.getStatusCode().value(),
              e.getStatusCode().value() == 404 ? "not_found" : "invalid_request",
              e.getStatusCode().value() == 404
                  ? "There is no %s.".formatted(call)
                  : String.valueOf(e.getBody().getDetail()));
      default -> {
        LOG.error("{} failed", call, exception);
        yield QueueProblem.of(500, "internal_error", "Internal error. See the log of Caravan.");
      }
    };
  }

  private static QueueProblem unavailable(String call, Exception e) {
    LOG.warn("{} failed, since the store is not available: {}", call, e.getMessage());
    return QueueProblem.later(
        503, "store_unavailable", "The store is not available. Try again later.", 5);
  }
}
