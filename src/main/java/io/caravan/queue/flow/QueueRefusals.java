package io.caravan.queue.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.flow.CaravanHeaders;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueProblem;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Describes requests that were refused, for sources that cannot be answered. */
@Component("queueRefusals")
public class QueueRefusals {

  /** Whether the request will never be accepted; else its source should repeat it. */
  public boolean isFinal(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) QueueProblem problem) {
    return problem.retryAfter() == 0;
  }

  /** Replaces the body, a request, by an error line. */
  public void describe(
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) QueueProblem problem, Exchange exchange) {
    Message message = exchange.getMessage();
    ObjectNode line = StrictJson.MAPPER.createObjectNode();
    line.putNull("id").put("custom_id", customId(message)).putNull("response");
    ObjectNode error = line.putObject("error");
    error.put("code", problem.code()).put("message", problem.getMessage());
    if (problem.param() != null) {
      error.put("param", problem.param());
    }
    message.setBody(line.toString());
  }

  private static @Nullable String customId(Message message) {
    try {
      String own =
          StrictJson.MAPPER.readTree(message.getBody(byte[].class)).path("custom_id").textValue();
      if (own != null && !own.isBlank()) {
        return own;
      }
    } catch (IOException | IllegalArgumentException e) {
      // not JSON, or no body: the problem says so
    }
    return message.getHeader(CaravanHeaders.CUSTOM_ID, String.class);
  }
}
