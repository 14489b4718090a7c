package io.caravan.routes.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fake OpenAI-compatible server that answers each chat and each response with the last text it
 * was sent; the text {@code fail} is answered with 400.
 */
public final class EchoUpstream implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger heard = new AtomicInteger();
  private final Semaphore gate = new Semaphore(Integer.MAX_VALUE / 2);
  private final HttpServer server;

  public EchoUpstream() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v1/chat/completions", call -> answer(call, EchoUpstream::chat));
    server.createContext("/v1/responses", call -> answer(call, EchoUpstream::response));
    server.start();
  }

  /** The value for {@code CARAVAN_UPSTREAM_URL}. */
  public String url() {
    return "http://127.0.0.1:%d/v1".formatted(server.getAddress().getPort());
  }

  /** Holds all answers until {@link #letGo()}. */
  public void hold() {
    gate.drainPermits();
  }

  public void letGo() {
    gate.drainPermits();
    gate.release(Integer.MAX_VALUE / 2);
  }

  /** The number of received requests. */
  public int heard() {
    return heard.get();
  }

  /** What an answer consists of. */
  private interface Shape {
    ObjectNode of(JsonNode request);
  }

  private static ObjectNode chat(JsonNode request) {
    JsonNode messages = request.path("messages");
    String said = text(messages.get(messages.size() - 1).path("content"));
    ObjectNode answer = JSON.createObjectNode();
    answer.put("id", "chatcmpl-1").put("object", "chat.completion").put("created", 1_767_225_600);
    answer.set("model", request.path("model"));
    ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
    choice.putObject("message").put("role", "assistant").put("content", said).putNull("refusal");
    choice.putNull("logprobs").put("finish_reason", "stop");
    answer
        .putObject("usage")
        .put("prompt_tokens", 3)
        .put("completion_tokens", said.length())
        .put("total_tokens", 3 + said.length());
    return answer;
  }

  private static ObjectNode response(JsonNode request) {
    String said = text(request.path("input"));
    ObjectNode answer = JSON.createObjectNode();
    answer.put("id", "resp_of_upstream").put("object", "response").put("status", "completed");
    answer.put("created_at", 1_767_225_600).set("model", request.path("model"));
    ObjectNode message = answer.putArray("output").addObject();
    message.put("id", "msg_1").put("type", "message").put("role", "assistant");
    message.put("status", "completed");
    ObjectNode text = message.putArray("content").addObject();
    text.put("type", "output_text").put("text", said).putArray("annotations");
    answer.put("parallel_tool_calls", true).put("tool_choice", "auto").putArray("tools");
    return answer;
  }

  /** The text of a string, or of the last of several parts or messages. */
  private static String text(JsonNode content) {
    if (content.isTextual()) {
      return content.asText();
    }
    JsonNode last = content.get(content.size() - 1);
    return last.has("text") ? last.get("text").asText() : text(last.path("content"));
  }

  private void answer(HttpExchange exchange, Shape shape) throws IOException {
    try (exchange) {
      JsonNode request = JSON.readTree(exchange.getRequestBody());
      heard.incrementAndGet();
      if (gate.tryAcquire(1, TimeUnit.MINUTES)) {
        ObjectNode answer = shape.of(request);
        boolean failed = answer.toString().contains("\"fail\"");
        byte[] body =
            (failed ? "{\"error\":{\"message\":\"No.\",\"code\":\"echo\"}}" : answer.toString())
                .getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(failed ? 400 : 200, body.length);
        exchange.getResponseBody().write(body);
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
