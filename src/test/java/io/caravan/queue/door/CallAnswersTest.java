package io.caravan.queue.door;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestGroup;
import io.caravan.queue.RequestStatus;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallAnswersTest {
  private static final String CHAT =
      """
      {"response": {"status_code": 200, "body": {"id": "c", "object": "chat.completion", "created": 1, "model": "m-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi", "refusal": null},
                     "logprobs": null, "finish_reason": "%s"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}}}, "error": null}
      """;

  @Test
  void keepsStatusAndBodyAsTheyAre() throws IOException {
    String line =
        """
        {"response": {"status_code": 200, "body": {"b": 1.50, "a": 12345678901234567890}}, "error": null}
        """;

    Reply reply = CallAnswers.of(request(RequestStatus.COMPLETED, line, OrderReader.CHAT));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).hasToString("{\"b\":1.50,\"a\":12345678901234567890}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FAILED    | {"response": {"status_code": 429, "body": {"error": {"code": "slow"}}}, "error": null} | 429 | slow
          FAILED    | {"response": null, "error": {"code": "invalid_type", "message": "No.", "line": 7}}     | 400 | invalid_type
          FAILED    | {"response": null, "error": {"code": "answer_lost", "message": "Lost."}}               | 502 | answer_lost
          EXPIRED   | {"response": null, "error": {"code": "batch_expired", "message": "Late."}}             | 504 | batch_expired
          CANCELLED |                                                                                        | 409 | request_cancelled
          """)
  void turnsErrorsIntoOpenAis(
      RequestStatus status, @Nullable String line, int expected, String code) {
    Reply reply = CallAnswers.of(request(status, line, OrderReader.CHAT));

    assertThat(reply.status()).isEqualTo(expected);
    assertThat(reply.body().at("/error/code").asText()).isEqualTo(code);
    assertThat(reply.of("req_1", false).getHeaders().getFirst("x-should-retry")).isEqualTo("false");
  }

  @Test
  void translatesChatCompletionToResponse() {
    var request = request(RequestStatus.COMPLETED, CHAT.formatted("length"), OrderReader.CHAT);

    ObjectNode response = ResponseObject.of(request);

    assertThat(response.path("id").asText()).isEqualTo("resp_1");
    assertThat(response.path("status").asText()).isEqualTo("incomplete");
    assertThat(response.at("/incomplete_details/reason").asText()).isEqualTo("max_output_tokens");
    assertThat(response.at("/output/0/content/0/text").asText()).isEqualTo("Hi");
    assertThat(response.at("/usage/input_tokens").asInt()).isEqualTo(3);
    assertThat(response.at("/metadata/topic").asText()).isEqualTo("test");
    assertThat(response.path("model").asText()).isEqualTo("m-1");
  }

  @Test
  void keepsIdOfResponse() {
    String line =
        """
        {"response": {"status_code": 200, "body": {"id": "resp_p", "status": "completed", "output": []}}, "error": null}
        """;

    ObjectNode response =
        ResponseObject.of(request(RequestStatus.COMPLETED, line, OrderReader.RESPONSES));

    assertThat(response.path("id").asText()).isEqualTo("resp_1");
    assertThat(ResponseObject.requestId("resp_1")).isEqualTo("req_1");
  }

  @Test
  void streamsChatCompletionAsChunks() throws IOException {
    JsonNode body =
        StrictJson.MAPPER.readTree(CHAT.formatted("stop")).path("response").path("body");
    var order =
        new Order(
            OrderReader.CHAT,
            "",
            StrictJson.MAPPER.createObjectNode(),
            null,
            Order.Streaming.EVENTS_WITH_USAGE,
            null);

    String stream = new String(StreamFormat.of(order, new Reply(200, body, 0)), UTF_8);

    String[] events = stream.split("\n\n");
    assertThat(events).hasSize(4);
    assertThat(events[0]).contains("chat.completion.chunk", "\"content\":\"Hi\"");
    assertThat(events[1]).contains("\"delta\":{}", "\"finish_reason\":\"stop\"");
    assertThat(events[2]).contains("\"choices\":[]", "\"total_tokens\":4");
    assertThat(events[3]).isEqualTo("data: [DONE]");
  }

  private static QueuedRequest request(
      RequestStatus status, @Nullable String answer, String endpoint) {
    return new QueuedRequest(
        "req_1",
        new RequestGroup("default", "", "local", endpoint, "m"),
        "a",
        "",
        5,
        status,
        "j",
        "{\"topic\":\"test\"}",
        null,
        null,
        Instant.EPOCH,
        Instant.EPOCH,
        answer);
  }
}
