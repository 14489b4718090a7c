package io.caravan.server.upstream;

import java.io.IOException;

/**
 * A kept connection was closed by the other side before any of an answer came: most often since it
 * was not used for a while, which says nothing about the request.
 */
@SuppressWarnings("serial")
final class StaleConnectionException extends IOException {
  StaleConnectionException(Throwable cause) {
    super("the connection had been closed", cause);
  }
}
