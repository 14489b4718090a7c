package io.caravan.web;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Set;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * Bounds the reading of bodies: nothing more of one that is refused for want of a key or of a
 * right; of others also the rest, so that a client which sends too much gets to read why.
 */
final class BodyValve extends ValveBase {
  private static final Set<Integer> UNREAD = Set.of(401, 403, 415);

  private final BodyTime limit;

  BodyValve(BodyTime limit) {
    super(true);
    this.limit = limit;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (!request.isAsyncDispatching()) {
      TimedBody.limit(request.getCoyoteRequest(), limit);
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
    } else if (!request.getCoyoteRequest().hasExpectation()) { // that client waits for a word first
      response.finishResponse();
      try {
        TimedBody.drain(request.getCoyoteRequest());
      } catch (IOException e) {
        leave(request);
      }
    }
  }

  /** The connection is closed behind the answer. */
  private static void leave(Request request) {
    request.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
  }
}
