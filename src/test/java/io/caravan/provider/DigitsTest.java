package io.caravan.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.job.Part;
import io.caravan.job.Rows;
import io.caravan.provider.anthropic.AnthropicDialect;
import io.caravan.provider.anthropic.ChatToMessagesTest;
import io.caravan.provider.gemini.GeminiRequests;
import io.caravan.provider.gemini.GeminiResults;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks that translating dialects keep all digits of numbers. */
class DigitsTest {
  private static final String NUMBERS =
      "[0.1,1.10,1e-400,1E+400,1E2,-1.5e05,12345678901234567890,12345678901234567890.1234567890123456789]";

  private static final String NATIVE = "\"numbers\":" + NUMBERS;

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void writeRequests() throws IOException {
    file =
        Files.writeString(
            folder.resolve("part.jsonl"),
            """
            {"custom_id":"a","url":"/v1/messages","body":{%s}}
            {"custom_id":"b","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"Hi"}],\
            "tools":[{"type":"function","function":{"name":"f","parameters":{%s}}}]}}
            """
                .formatted(NATIVE, NATIVE));
  }

  @Test
  void areKeptInRequestsToAnthropic() throws IOException {
    var out = new ByteArrayOutputStream();

    AnthropicDialect.writeRequests(file, part("/v1/messages"), ChatToMessagesTest.PROVIDER, out);

    assertThat(out.toString(UTF_8))
        .contains("\"params\":{" + NATIVE + "}", "\"input_schema\":{" + NATIVE + "}");
  }

  @Test
  void areKeptInRequestsToGemini() throws IOException {
    var lines = new ByteArrayOutputStream();
    var inline = new ByteArrayOutputStream();
    Files.writeString(
        file, Files.readString(file).replace("/v1/messages", "/v1beta/generateContent"));

    GeminiRequests.writeLines(file, lines);
    GeminiRequests.writeInline(file, part("/v1/chat/completions"), null, inline);

    assertThat(lines.toString(UTF_8) + "\n" + inline.toString(UTF_8))
        .containsSubsequence(
            "\"request\":{" + NATIVE + "}",
            "\"parametersJsonSchema\":{" + NATIVE + "}",
            "\"request\":{" + NATIVE + "}",
            "\"parametersJsonSchema\":{" + NATIVE + "}");
  }

  @Test
  void areKeptInAnswersFromAnthropic() throws IOException {
    Part part = part("/v1/chat/completions");
    String id = AnthropicDialect.prefix(part) + "2";
    String line =
        """
        {"custom_id":"%s","result":{"type":"succeeded","message":{"content":[{"type":"tool_use","id":"t","name":"f","input":{%s}}]}}}
        """
            .formatted(id, NATIVE);
    var out = new ByteArrayOutputStream();

    AnthropicDialect.translateResults(
        in(line), file, part, ChatToMessagesTest.PROVIDER, false, out);

    assertThat(out.toString(UTF_8)).contains(NATIVE.replace("\"", "\\\""));
  }

  @Test
  void areKeptInAnswersFromGemini() throws IOException {
    Part part =
        part("/v1beta/generateContent")
            .with(b -> b.submission(b.submission().withInputFileId("f")));
    String line = "{\"key\":\"1\",\"response\":{\"candidates\":[{%s}]}}\n".formatted(NATIVE);
    var out = new ByteArrayOutputStream();

    GeminiResults.translate(in(line), file, part, ChatToMessagesTest.PROVIDER, false, out);

    assertThat(out.toString(UTF_8)).contains("\"candidates\":[{" + NATIVE + "}]");
  }

  /** Jackson's default limit is 20 million characters. */
  @Test
  void imagesMayBeAsLargeAsALine() {
    String image =
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}}"
            .formatted("A".repeat(20 << 20));
    byte[] line =
        "{\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[%s]}]}}"
            .formatted(image)
            .getBytes(UTF_8);

    assertThat(AnthropicDialect.problem(line, 0, line.length, ChatToMessagesTest.PROVIDER))
        .isNull();
    assertThat(GeminiRequests.problem(line, 0, line.length)).isNull();
  }

  private static Part part(String endpoint) {
    return Rows.part(Rows.job("a"), 1).with(b -> b.endpoint(endpoint));
  }

  private static ByteArrayInputStream in(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }
}
