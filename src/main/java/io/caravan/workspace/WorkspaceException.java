package io.caravan.workspace;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The workspace is not available; the message says where it is and why. */
public final class WorkspaceException extends IOException {
  WorkspaceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
