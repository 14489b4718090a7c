package io.caravan.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Request;

/** The connection of a call that waits, which its client may close meanwhile. */
public final class ClientConnection {
  private static final String ATTRIBUTE = ClientConnection.class.getName();

  private final Request request;

  private ClientConnection(Request request) {
    this.request = request;
  }

  static void attach(org.apache.catalina.connector.Request call) {
    call.setAttribute(ATTRIBUTE, new ClientConnection(call.getCoyoteRequest()));
  }

  /** The connection of a call whose body has been read. */
  public static ClientConnection of(HttpServletRequest call) {
    return Objects.requireNonNull((ClientConnection) call.getAttribute(ATTRIBUTE));
  }

  /**
   * Whether the client is still connected. Tomcat notices an end only when it reads or writes; this
   * reads without blocking. Only one thread may ask, and not while the call is being answered.
   */
  public boolean isOpen() {
    request.action(ActionCode.AVAILABLE, true);
    return request.getAvailable() == 0;
  }
}
