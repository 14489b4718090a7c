package io.caravan.jsonl.split;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.jsonl.convert.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FirstLookTest {
  private static final String WHOLE =
      "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/x\",\"body\":{\"model\":\"m\"}}\n";
  private static final String MESSAGE = "{\"custom_id\":\"a\",\"params\":{\"model\":\"m\"}}\n";
  private static final String CONTENT = "{\"key\":\"a\",\"request\":{\"contents\":[]}}\n";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"custom_id\":\"a\"}]",
        "\n\n[{\"custom_id\":\"a\"}]\n\n",
        "[\n{\"custom_id\":\"a\"},\n{\"custom_id\":\"b\"}\n]\n",
        "\ufeff[\n  {\n    \"custom_id\": \"a\"\n  }\n]\n",
        "[]"
      })
  void detectsJsonArray(String content) throws IOException {
    assertThat(look(content)).get().asString().startsWith("it is a JSON array.");
  }

  @Test
  void detectsArrayOnTooLongLine() throws IOException {
    assertThat(look("[" + "{\"custom_id\":\"a\"},".repeat(1000))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\n  \"custom_id\": \"a\",\n  \"body\": {\n    \"x\": [1]\n  }\n}\n",
        "{\"custom_id\": \"a\",\n\"body\": {}}\n{\"custom_id\": \"b\",\n\"body\": {}}\n"
      })
  void detectsObjectsOverSeveralLines(String content) throws IOException {
    assertThat(look(content)).get().asString().startsWith("a JSON object spans several lines.");
  }

  @ParameterizedTest
  @CsvSource({
    "ANTHROPIC, Anthropic's",
    "GEMINI, Gemini's",
    "BEDROCK, Bedrock's",
    "MISTRAL, Mistral's"
  })
  void detectsFormatOfAnotherProvider(String form, String told) throws IOException {
    String line =
        switch (form) {
          case "ANTHROPIC" -> MESSAGE;
          case "GEMINI" -> CONTENT;
          case "BEDROCK" -> "{\"recordId\":\"a\",\"modelInput\":{}}\n";
          default -> "{\"custom_id\":\"a\",\"body\":{\"messages\":[]}}\n";
        };

    assertThat(look(line)).get().asString().contains(told).contains("custom_id, method, url");
    assertThat(look(line.repeat(50))).isPresent();
    assertThat(look(line + WHOLE)).as("a bad line").isEmpty();
    assertThat(look(WHOLE + line)).as("a bad line").isEmpty();
  }

  @Test
  void acceptsNativeFormatOfProvider() throws IOException {
    assertThat(look(MESSAGE, Format.JSONL, "/v1/messages")).isEmpty();
    assertThat(look(CONTENT, Format.JSONL, "/v1beta/generateContent")).isEmpty();
  }

  @Test
  void detectsRequestsInOneList() throws IOException {
    assertThat(look("{\"requests\":[" + MESSAGE.strip() + "]}\n"))
        .get()
        .asString()
        .startsWith("its requests are in one list.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n \n",
        "no JSON\n",
        "{\"custom_id\": \"a\", \"bo\n" + WHOLE,
        "{\"custom_id\":\n" + WHOLE,
        "[1]\n" + WHOLE,
        "[2026-01-01] a line of a log\n",
        "{\"prompt\":\"Hi\"}\n",
        "{\"prompt\":\"Hi\",\"params\":{}}\n",
        WHOLE
      })
  void acceptsFilesWithSomeBadLines(String content) throws IOException {
    assertThat(look(content)).isEmpty();
  }

  @Test
  void detectsRequestsInTextFile() throws IOException {
    for (String line : new String[] {WHOLE, MESSAGE, CONTENT}) {
      assertThat(look(line, Format.TEXT)).get().asString().contains(".jsonl");
    }
    assertThat(look("{\"prompt\": \"a text like any other\"}\n", Format.TEXT)).isEmpty();
    assertThat(look("Why is the sky blue?\n", Format.TEXT)).isEmpty();
  }

  private Optional<String> look(String content) throws IOException {
    return look(content, Format.JSONL);
  }

  private Optional<String> look(String content, Format format, String... endpoints)
      throws IOException {
    Path input = Files.write(folder.resolve("in"), content.getBytes(UTF_8));
    return FirstLook.problem(input, format, Set.of(endpoints), 1000);
  }
}
