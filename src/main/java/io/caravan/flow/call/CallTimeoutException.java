package io.caravan.flow.call;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;

/** A call to a provider was aborted at its time limit or at shutdown. */
public final class CallTimeoutException extends InterruptedIOException {
  CallTimeoutException(String call, Duration limit, IOException cause) {
    super("%s was aborted: it did not finish within %d s".formatted(call, limit.toSeconds()));
    initCause(cause);
  }
}
