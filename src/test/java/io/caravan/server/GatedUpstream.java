package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.caravan.server.wire.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** An upstream that echoes prompts, as many as the test permits. */
public final class GatedUpstream implements AutoCloseable {
  private volatile Semaphore gate = new Semaphore(0);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger heard = new AtomicInteger();
  private final HttpServer server;

  public GatedUpstream() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/chat/completions", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public void let(int requests) {
    gate.release(requests);
  }

  /** Lets waiting requests end, and starts again at zero. */
  public void reset() {
    Semaphore before = gate;
    gate = new Semaphore(0);
    before.release(Integer.MAX_VALUE / 2);
    heard.set(0);
  }

  /** The number of requests received. */
  public int heard() {
    return heard.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request =
          TestServer.json(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      heard.incrementAndGet();
      gate.acquire();
      byte[] body = Json.MAPPER.writeValueAsBytes(echo(request.at("/messages/0/content").asText()));
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public static JsonNode echo(String content) {
    return TestServer.json(
        """
        {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m",
         "choices":[{"index":0,"message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],
         "usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}
        """
            .formatted(content));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
