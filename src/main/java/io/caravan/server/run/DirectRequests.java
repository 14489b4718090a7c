package io.caravan.server.run;

import io.caravan.call.Call;
import io.caravan.server.backend.Backend;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.BackendAnswer.NotRun;
import io.caravan.server.backend.FailureReason;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.JsonBytes;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.springframework.context.SmartLifecycle;

/** The executor of synchronous requests, which run before those of batches. */
public final class DirectRequests implements SmartLifecycle {
  private static final NotRun STOPPING =
      new NotRun("server_stopping", "The server is stopping. Try again later.");

  private final Dispatcher dispatcher;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private volatile boolean running;

  public DirectRequests(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  public BackendAnswer answer(Endpoint endpoint, String model, JsonBytes body)
      throws InterruptedException {
    BackendQueue lane =
        dispatcher.lanes(endpoint, model).stream()
            .min(Comparator.comparingDouble(BackendQueue::load))
            .orElseThrow();
    var mine = new Waiting(new Call(false), new CompletableFuture<>());
    waiting.add(mine);
    try {
      if (!running) {
        return STOPPING;
      }
      lane.run(end -> begin(mine, lane.backend(), endpoint, body, end));
      return mine.answer.get();
    } catch (CancellationException e) {
      return STOPPING;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      waiting.remove(mine);
      mine.call.cancel();
    }
  }

  private boolean begin(
      Waiting waiter, Backend backend, Endpoint endpoint, JsonBytes body, Runnable end) {
    if (waiter.call.cancelled()) {
      return false;
    }
    var unused =
        dispatcher
            .run(backend, endpoint, body, waiter.call)
            .whenComplete((answer, problem) -> {
              if (problem == null) {
                waiter.answer.complete(answer);
              } else {
                waiter.answer.completeExceptionally(FailureReason.cause(problem));
              }
              end.run();
            });
    return true;
  }

  @Override
  public void start() {
    running = true;
  }

  /** Ends open requests before the web server waits for them, since a model may take minutes. */
  @Override
  public void stop() {
    running = false;
    waiting.forEach(waiter -> {
      waiter.call.cancel();
      waiter.answer.complete(STOPPING);
    });
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private record Waiting(Call call, CompletableFuture<BackendAnswer> answer) {}
}
