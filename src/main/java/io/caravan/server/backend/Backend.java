package io.caravan.server.backend;

import io.caravan.call.Call;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.JsonBytes;
import java.util.concurrent.CompletableFuture;

/** A backend that runs single requests: an upstream or the local embedding model. */
public interface Backend {

  /** The name used in logs and metrics. */
  String name();

  /** The current limit of concurrent requests; 0 while the backend asks for a pause. */
  int concurrency();

  /** The current limit of requests in the backend, including those that wait for a retry. */
  default int rooms() {
    return concurrency();
  }

  /** The maximum number of embeddings requests that may be joined into one. */
  int mostJoined();

  /** Disables joining: a joined request failed whose parts succeeded one by one. */
  void joinNoMore();

  /**
   * Starts a request without blocking. Errors of the request or the server are answers, too; a
   * cancelled call ends with {@link java.util.concurrent.CancellationException}.
   */
  CompletableFuture<BackendAnswer> answer(Endpoint endpoint, JsonBytes body, Call call);
}
