package io.caravan.routes;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.RawHttp.Call;
import io.caravan.routes.RawHttp.Reply;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/** How a host with a Batch API like OpenAI's says what a {@link CountingProvider} does. */
interface Host {
  /** In OpenAI's words. */
  Host OPENAI = new Host() {};

  /** What it would be at OpenAI. */
  default Call heard(Call call) {
    return call;
  }

  /** What OpenAI would answer, in the host's words. */
  default Reply told(String verb, Reply reply) {
    return reply;
  }

  /** A good answer with other content. */
  static Reply changed(Reply reply, UnaryOperator<JsonNode> change) {
    return reply.status() == 200
        ? Reply.json(200, change.apply(json(reply.body())).toString())
        : reply;
  }

  /** A call elsewhere, with another body. */
  static Call moved(Call call, String path, byte[] body) {
    return new Call(call.method(), path, path, call.query(), call.headers(), body);
  }

  static JsonNode json(byte[] body) {
    return Outcome.parse(new String(body, StandardCharsets.UTF_8));
  }
}
