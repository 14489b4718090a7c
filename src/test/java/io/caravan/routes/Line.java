package io.caravan.routes;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.IntStream;

/** Lines of input files. */
public final class Line {
  private static final JsonMapper JSON = new JsonMapper();

  private Line() {}

  /** A request for the embedded server's own model, which rejects an empty text. */
  public static String embedding(String customId, String text) {
    return request(customId, "/v1/embeddings", body("all-MiniLM-L6-v2").put("input", text));
  }

  public static String chat(String customId, String text) {
    ObjectNode body = body("gpt-4.1-nano");
    body.putArray("messages").addObject().put("role", "user").put("content", text);
    return request(customId, "/v1/chat/completions", body);
  }

  /** Chats r-1, r-2, … with texts that no other file has. */
  public static String[] chats(String about, int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> chat("r-" + i, about + " " + i))
        .toArray(String[]::new);
  }

  private static ObjectNode body(String model) {
    return JSON.createObjectNode().put("model", model);
  }

  private static String request(String customId, String url, ObjectNode body) {
    return JSON.createObjectNode()
        .put("custom_id", customId)
        .put("method", "POST")
        .put("url", url)
        .<ObjectNode>set("body", body)
        .toString();
  }
}
