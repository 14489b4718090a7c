package io.caravan.routes.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A fake OpenAI-compatible server that answers chats and can be paused. */
public final class Upstream implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger heard = new AtomicInteger();
  private final Semaphore gate = new Semaphore(Integer.MAX_VALUE / 2);
  private final HttpServer server;
  private volatile byte[] answer = text("Yes.").getBytes(UTF_8);
  private volatile Duration delay = Duration.ZERO;

  public Upstream() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v1/chat/completions", this::answer);
    server.start();
  }

  /** The value for {@code CARAVAN_UPSTREAM_URL}. */
  public String url() {
    return "http://127.0.0.1:%d/v1".formatted(server.getAddress().getPort());
  }

  /** Delays every answer. */
  public Upstream withDelay(Duration delay) {
    this.delay = delay;
    return this;
  }

  /** Sets the length of answers. */
  public Upstream withLength(int characters) {
    answer = text("y".repeat(characters)).getBytes(UTF_8);
    return this;
  }

  private static String text(String content) {
    return """
    {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4.1-nano",
     "choices": [{"index": 0, "message": {"role": "assistant", "content": "%s"},
                  "finish_reason": "stop"}],
     "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}}
    """
        .formatted(content);
  }

  /** Holds all answers until {@link #letGo()}. */
  public void hold() {
    gate.drainPermits();
  }

  public void letGo() {
    letGo(Integer.MAX_VALUE / 2);
  }

  /** Releases this many answers. */
  public void letGo(int requests) {
    gate.release(requests);
  }

  /** The number of received requests. */
  public int heard() {
    return heard.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      heard.incrementAndGet();
      if (gate.tryAcquire(1, TimeUnit.MINUTES)) {
        TimeUnit.MILLISECONDS.sleep(delay.toMillis());
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
