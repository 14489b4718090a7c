package io.caravan.queue.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueProblem;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatOfResponseTest {
  @Test
  void translatesTextAndInstructions() throws IOException {
    assertThat(
            chat(
                """
                {"model": "m", "input": "Hello", "instructions": "Be brief.", "temperature": 0.20,
                 "max_output_tokens": 9, "reasoning": {"effort": "low", "summary": null},
                 "text": {"format": {"type": "text"}}, "store": true, "tools": [], "metadata": {"a": "b"}}
                """))
        .isEqualTo(
            json(
                """
                {"model": "m", "temperature": 0.20, "max_tokens": 9, "reasoning_effort": "low",
                 "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]}
                """));
  }

  @Test
  void translatesMessages() throws IOException {
    assertThat(
            chat(
                """
                {"model": "m", "input": [
                  {"role": "developer", "content": "Be brief."},
                  {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
                  {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi", "annotations": []}]}],
                 "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}}}
                """))
        .isEqualTo(
            json(
                """
                {"model": "m",
                 "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}},
                 "messages": [{"role": "system", "content": "Be brief."},
                   {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
                   {"role": "assistant", "content": [{"type": "text", "text": "Hi"}]}]}
                """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "tools": [{"type": "web_search"}]                        | tools
          "previous_response_id": "resp_1"                         | previous_response_id
          "reasoning": {"summary": "auto"}                         | reasoning.summary
          "input": [{"type": "function_call_output"}]              | input[0]
          "input": [{"role": "user", "content": [{"type": "input_image"}]}] | input[0].content[0]
          "input": [{"role": "user", "content": [{"type": "input_file"}]}]  | input[0].content[0]
          "input": 3                                               | input
          """)
  void refusesWhatCannotBeTranslated(String member, String param) {
    assertThatThrownBy(() -> request(member))
        .isInstanceOfSatisfying(QueueProblem.class, it -> assertThat(it.param()).isEqualTo(param));
  }

  private static ObjectNode request(String member) throws IOException {
    String input = member.contains("\"input\"") ? "" : ", \"input\": \"x\"";
    return chat("{\"model\": \"m\"%s, %s}".formatted(input, member));
  }

  private static ObjectNode chat(String response) throws IOException {
    return ChatOfResponse.request(json(response));
  }

  private static ObjectNode json(String text) throws IOException {
    return (ObjectNode) StrictJson.MAPPER.readTree(text);
  }
}
