package io.caravan.queue.api;

import io.caravan.flow.CaravanHeaders;
import io.caravan.queue.flow.QueueAdd;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Queues one request of a client, through the route {@code queue-add}. Not REST in a route, because
 * this path is the busiest, and platform-http changes threads twice for each call (decision 0041).
 */
@RestController
class QueueController {
  private static final int SECONDS = 5;

  private final ProducerTemplate routes;

  QueueController(ProducerTemplate routes) {
    this.routes = routes;
  }

  @PostMapping(Problems.PATH + "/queue")
  ResponseEntity<byte[]> add(HttpServletRequest call) throws Exception {
    Exchange added =
        routes.request(
            "direct:queue-add?timeout=3000",
            exchange -> {
              Message message = exchange.getMessage();
              message.setHeader(CaravanHeaders.CLIENT, Caller.of(call).client());
              message.setHeader(QueueAdd.IDEMPOTENCY_KEY, call.getHeader(QueueAdd.IDEMPOTENCY_KEY));
              message.setBody(call.getInputStream());
            });
    if (added.getException() != null) {
      throw added.getException();
    }
    Message receipt = added.getMessage();
    return ResponseEntity.accepted()
        .header(
            HttpHeaders.LOCATION,
            Problems.PATH + "/requests/" + receipt.getHeader(QueueAdd.REQUEST, String.class))
        .header(HttpHeaders.RETRY_AFTER, "" + SECONDS)
        .contentType(MediaType.APPLICATION_JSON)
        .body(receipt.getBody(String.class).getBytes(StandardCharsets.UTF_8));
  }
}
