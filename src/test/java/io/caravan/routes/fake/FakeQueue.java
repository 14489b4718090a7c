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
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.util.DigestUtils;

/** A fake of SQS that redelivers each message until it is deleted. */
public final class FakeQueue implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final Map<String, String> messages = new ConcurrentHashMap<>();
  private final HttpServer server;

  public FakeQueue() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  public String address() {
    return "http://127.0.0.1:%d".formatted(server.getAddress().getPort());
  }

  public String url() {
    return address() + "/000000000000/events";
  }

  public void send(String body) {
    messages.put(UUID.randomUUID().toString(), body);
  }

  public boolean isEmpty() {
    return messages.isEmpty();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = JSON.readTree(exchange.getRequestBody());
      String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
      ObjectNode answer = JSON.createObjectNode();
      if (target.endsWith(".ReceiveMessage")) {
        receive(answer);
      } else if (target.endsWith(".DeleteMessage")) {
        messages.remove(request.path("ReceiptHandle").asText());
      }
      byte[] bytes = JSON.writeValueAsBytes(answer);
      exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.0");
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private void receive(ObjectNode answer) {
    var list = answer.putArray("Messages");
    messages.forEach((id, body) ->
        list.addObject()
            .put("MessageId", id)
            .put("ReceiptHandle", id)
            .put("Body", body)
            .put("MD5OfBody", DigestUtils.md5DigestAsHex(body.getBytes(UTF_8))));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
