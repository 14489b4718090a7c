package io.caravan.flow.call;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;

/** A call to a provider that took too long as a whole, or was on its way at a stop. */
public final class CallTimeoutException extends InterruptedIOException {
  CallTimeoutException(String call, Duration limit, IOException cause) {
    super("%s was given up: it had no end within %d s".formatted(call, limit.toSeconds()));
    initCause(cause);
  }
}
