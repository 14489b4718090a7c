package io.caravan.web;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Set;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * The Tomcat valve that limits the reading of bodies. After 401, 403, 408 and 415 it reads no more;
 * otherwise it drains the body, so that a client that sends too much can read the error.
 */
final class BodyValve extends ValveBase {
  private static final Set<Integer> UNREAD = Set.of(401, 403, 408, 415);

  private final BodyTime limit;

  BodyValve(BodyTime limit) {
    super(true);
    this.limit = limit;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (!request.isAsyncDispatching()) {
      TimedBody.limit(request.getCoyoteRequest(), limit);
      ClientConnection.attach(request);
    }
    getNext().invoke(request, response);
    if (!request.isAsync() && !request.getCoyoteRequest().isFinished()) {
      end(request, response);
    }
  }

  private static void end(Request request, Response response) throws IOException {
    if (UNREAD.contains(response.getStatus())) {
      if (!response.isCommitted()) {
        response.setHeader("Connection", "close");
      }
      leave(request);
    } else if (!request.getCoyoteRequest().hasExpectation()) {
      // with that expectation, the client has sent no body
      response.finishResponse();
      try {
        TimedBody.drain(request.getCoyoteRequest());
      } catch (IOException e) {
        leave(request);
      }
    }
  }

  /** Leaves the body unread, so the connection is closed after the response. */
  private static void leave(Request request) {
    request.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
  }
}
