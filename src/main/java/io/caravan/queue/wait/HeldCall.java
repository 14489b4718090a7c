package io.caravan.queue.wait;

import io.caravan.web.ClientConnection;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.ResponseEntity;
import org.springframework.web.context.request.async.DeferredResult;

/** A call that is answered later, once. */
public final class HeldCall {
  private static final long NO_LIMIT = -1;

  private final ClientConnection connection;
  private final DeferredResult<ResponseEntity<byte[]>> result = new DeferredResult<>(NO_LIMIT);
  private boolean answered;

  /**
   * @param call whose body has been read
   */
  public HeldCall(HttpServletRequest call) {
    this.connection = ClientConnection.of(call);
  }

  /** What the controller returns. */
  public DeferredResult<ResponseEntity<byte[]>> result() {
    return result;
  }

  /** Whether the client still waits. */
  public synchronized boolean isOpen() {
    return !answered && connection.isOpen();
  }

  /** Answers the call. */
  public void answer(ResponseEntity<byte[]> answer) {
    if (end()) {
      result.setResult(answer);
    }
  }

  /** Answers the call with a failure. */
  public void fail(RuntimeException failure) {
    if (end()) {
      result.setErrorResult(failure);
    }
  }

  /** From here on the connection belongs to the web server again. */
  private synchronized boolean end() {
    boolean first = !answered;
    answered = true;
    return first;
  }
}
