package io.caravan.routes.fake;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;

/** Runs the requests of a batch; the output is in random order. */
final class Execution {
  private static final JsonMapper JSON = new JsonMapper();

  private final Map<String, Integer> statuses = new LinkedHashMap<>();
  private final List<String> output = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();

  Execution(CountedBatch batch, ToIntFunction<String> model, long prompt, Random random) {
    for (String customId : batch.reached()) {
      int status = model.applyAsInt(customId);
      statuses.put(customId, status);
      (status == 200 ? output : errors).add(line(customId, status, prompt));
    }
    if (batch.ending().status().equals("expired")) {
      batch.customIds().stream()
          .filter(customId -> !statuses.containsKey(customId))
          .forEach(customId -> errors.add(expired(customId)));
    }
    Collections.shuffle(output, random);
    Collections.shuffle(errors, random);
  }

  /** The status of each request that was run. */
  Map<String, Integer> statuses() {
    return statuses;
  }

  List<String> output() {
    return output;
  }

  List<String> errors() {
    return errors;
  }

  /** A line of an output or error file. */
  static String line(String customId, int status, long prompt) {
    ObjectNode line = start(customId);
    ObjectNode response =
        line.putObject("response").put("status_code", status).put("request_id", "req-1");
    ObjectNode body = response.putObject("body");
    if (status == 200) {
      body.put("id", "chatcmpl-1").put("object", "chat.completion").put("model", "gpt-4.1-nano");
      body.putArray("choices")
          .addObject()
          .put("index", 0)
          .put("finish_reason", "stop")
          .putObject("message")
          .put("role", "assistant")
          .put("content", "Yes.");
      body.putObject("usage")
          .put("prompt_tokens", prompt)
          .put("completion_tokens", 1)
          .put("total_tokens", prompt + 1);
    } else {
      body.putObject("error")
          .put("message", "The model says no.")
          .put("type", status == 400 ? "invalid_request_error" : "server_error")
          .putNull("param")
          .putNull("code");
    }
    return line.putNull("error").toString();
  }

  private static String expired(String customId) {
    ObjectNode line = start(customId).putNull("response");
    line.putObject("error")
        .put("code", "batch_expired")
        .put("message", "This request could not be executed before the completion window expired.");
    return line.toString();
  }

  private static ObjectNode start(String customId) {
    return JSON.createObjectNode().put("id", "batch_req_" + customId).put("custom_id", customId);
  }
}
