package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** An upstream that answers with a function, and records the requests. */
public final class TestUpstream implements AutoCloseable {
  private final List<JsonNode> asked = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Function<JsonNode, Reply> replies;
  private final HttpServer server;

  public TestUpstream(Function<JsonNode, Reply> replies) throws IOException {
    this(0, replies);
  }

  public TestUpstream(int port, Function<JsonNode, Reply> replies) throws IOException {
    this.replies = replies;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/v1/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  /** An upstream that answers with its name. */
  public static TestUpstream named(String name) throws IOException {
    return new TestUpstream(body -> Reply.good(GatedUpstream.echo(name)));
  }

  /** One vector per text, which contains the length of the text. */
  public static Reply embed(JsonNode body) {
    var answer = Json.MAPPER.createObjectNode().put("object", "list").put("model", "e");
    var data = answer.putArray("data");
    JsonNode input = body.path("input");
    for (JsonNode text : input.isArray() ? input : Json.MAPPER.createArrayNode().add(input)) {
      data.addObject()
          .put("object", "embedding")
          .put("index", data.size() - 1)
          .putArray("embedding")
          .add(text.asText().length());
    }
    answer.putObject("usage").put("prompt_tokens", 10).put("total_tokens", 10);
    return Reply.good(answer);
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public List<JsonNode> asked() {
    return asked;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode body = TestServer.json(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      asked.add(body);
      Reply reply = replies.apply(body);
      byte[] bytes = Json.MAPPER.writeValueAsBytes(reply.body);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(reply.status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  public record Reply(int status, JsonNode body) {
    public static Reply good(JsonNode body) {
      return new Reply(200, body);
    }

    public static Reply error(int status, String message) {
      return new Reply(status, ApiError.invalidRequest(message, null, null).toJson());
    }
  }
}
