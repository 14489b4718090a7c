package io.caravan.call;

import java.io.IOException;

/**
 * The peer closed a reused connection before any part of an answer arrived, usually because it was
 * idle. This says nothing about the request.
 */
@SuppressWarnings("serial")
final class StaleConnectionException extends IOException {
  StaleConnectionException(Throwable cause) {
    super("the peer closed the reused connection", cause);
  }
}
