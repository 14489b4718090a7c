package io.caravan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.InputReader.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Answers what is unanswered of one batch. A line is read once a backend has room for it, and rooms
 * are given out in turn, so that batches share fairly and memory holds no more lines than are being
 * answered.
 */
final class Execution {
  private final Dispatcher dispatcher;
  private final ServerSettings settings;
  private final Endpoint endpoint;
  private final ResultFiles results;
  private final AtomicReference<@Nullable IOException> broken = new AtomicReference<>();

  Execution(
      Dispatcher dispatcher, ServerSettings settings, Endpoint endpoint, ResultFiles results) {
    this.dispatcher = dispatcher;
    this.settings = settings;
    this.endpoint = endpoint;
    this.results = results;
  }

  void run(Path input) throws IOException, InterruptedException {
    ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    try {
      runAll(input, workers);
      workers.shutdown();
      workers.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } finally {
      workers.shutdownNow();
      workers.close();
    }
    IOException failure = broken.get();
    if (failure != null) {
      throw failure;
    }
  }

  private void runAll(Path input, ExecutorService workers)
      throws IOException, InterruptedException {
    try (var requests = new InputReader(input, settings)) {
      Request request = requests.next();
      while (request != null && broken.get() == null) {
        if (!results.has(request.customId())) {
          start(request, workers);
        }
        request = requests.next();
      }
    }
  }

  private void start(Request request, ExecutorService workers) throws InterruptedException {
    Backend backend = dispatcher.backendFor(endpoint, request.body());
    backend.lane().acquire();
    workers.execute(() -> {
      try {
        answer(backend, request.customId(), request.body());
      } finally {
        backend.lane().release();
      }
    });
  }

  private void answer(Backend backend, String customId, ObjectNode body) {
    try {
      results.append(customId, dispatcher.run(backend, endpoint, body));
    } catch (InterruptedException e) {
      // stopped: the request stays unanswered, and whoever stopped the batch decides about it
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      broken.set(e);
    }
  }
}
