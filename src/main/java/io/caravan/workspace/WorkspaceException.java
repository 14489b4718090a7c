package io.caravan.workspace;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The workspace cannot be used now; the message says where it is and what stands in the way. */
public final class WorkspaceException extends IOException {
  WorkspaceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
