package io.caravan.routes.fake;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/** Translates the answers of a {@link CountingProvider} for a host that differs from OpenAI. */
public interface Host {
  /** OpenAI itself. */
  Host OPENAI = new Host() {};

  /** Translates a call to OpenAI's format. */
  default Call heard(Call call) {
    return call;
  }

  /** Translates OpenAI's answer to the host's format. */
  default Reply told(String verb, Reply reply) {
    return reply;
  }

  /** A successful answer with other content. */
  static Reply changed(Reply reply, UnaryOperator<JsonNode> change) {
    return reply.status() == 200
        ? Reply.json(200, change.apply(json(reply.body())).toString())
        : reply;
  }

  /** A call with another path and body. */
  static Call moved(Call call, String path, byte[] body) {
    return new Call(call.method(), path, path, call.query(), call.headers(), body);
  }

  static JsonNode json(byte[] body) {
    return Json.parse(new String(body, StandardCharsets.UTF_8));
  }
}
