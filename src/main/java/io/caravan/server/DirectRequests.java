package io.caravan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.Answer.NotRun;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.springframework.context.SmartLifecycle;

/** Answers requests that somebody waits for; they stand in the same queues as those of batches. */
final class DirectRequests implements SmartLifecycle {
  private final Dispatcher dispatcher;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean running;

  DirectRequests(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  Answer answer(Endpoint endpoint, ObjectNode body) throws InterruptedException {
    try {
      Future<Answer> answer = threads.submit(() -> run(endpoint, body));
      return answer.get();
    } catch (ExecutionException | RejectedExecutionException e) {
      return new NotRun("server_stopping", "The server stops. Try again later.");
    }
  }

  private Answer run(Endpoint endpoint, ObjectNode body) throws InterruptedException {
    Backend backend = dispatcher.backendFor(endpoint, body);
    backend.lane().acquire();
    try {
      return dispatcher.run(backend, endpoint, body);
    } finally {
      backend.lane().release();
    }
  }

  @Override
  public void start() {
    running = true;
  }

  /** Before the web server waits for its last answers, for a model may take minutes. */
  @Override
  public void stop() {
    running = false;
    threads.shutdownNow();
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
