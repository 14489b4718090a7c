package io.caravan.server.backend;

import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.JsonBytes;
import java.util.concurrent.CompletableFuture;

/** Something that answers requests. */
public interface Backend {

  /** How logs and metrics call it. */
  String name();

  /** How many requests it takes at once, at this moment; none while it asks for a pause. */
  int concurrency();

  /** How many may be with it at once, with those that wait there for another try. */
  default int rooms() {
    return concurrency();
  }

  /** How many embeddings requests may be joined into one. */
  int mostJoined();

  /** What was joined was refused, and each by itself was not. */
  void joinNoMore();

  /**
   * Begins, and comes back without waiting. What a request or a server does wrong is an answer,
   * too; a call that was called off ends with {@link java.util.concurrent.CancellationException}.
   */
  CompletableFuture<BackendAnswer> answer(Endpoint endpoint, JsonBytes body, Call call);
}
