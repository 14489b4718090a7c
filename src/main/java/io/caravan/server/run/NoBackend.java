package io.caravan.server.run;

import io.caravan.call.Call;
import io.caravan.server.backend.Backend;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.JsonBytes;
import java.util.concurrent.CompletableFuture;

/**
 * The backend of requests that no server can run: answers 404, which is not retried, and says what
 * to do.
 */
record NoBackend(String message, String param, String code) implements Backend {
  private static final int ROOMS = 8;

  @Override
  public String name() {
    return "none";
  }

  @Override
  public int concurrency() {
    return ROOMS;
  }

  @Override
  public int mostJoined() {
    return 1;
  }

  @Override
  public void joinNoMore() {
    // never joins
  }

  @Override
  public CompletableFuture<BackendAnswer> answer(Endpoint endpoint, JsonBytes body, Call call) {
    return CompletableFuture.completedFuture(
        BackendAnswer.refused(
            new ApiException(404, ApiError.invalidRequest(message, param, code))));
  }
}
