package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckCommandTest {
  @TempDir private Path folder;

  @Test
  void printsRequestsPartsTokensAndPrice() throws IOException {
    Told told = check("good.txt", "Why is the sky blue?\nWhy is the sea green?\n");

    assertThat(told.code()).isZero();
    assertThat(told.text())
        .contains("good.txt: requests 2, bad 0, parts 1")
        .containsPattern(
            "gpt-4.1-mini: 2 requests, about 26 tokens \\(counted with o200k_base\\), about \\$0\\.000005 in batches")
        .contains("estimated from the bytes alone")
        .contains("without the answers");
  }

  @Test
  void printsProblemsOfLines() throws IOException {
    Told told = check("bad.csv", "prompt,b\none,1\ntwo\n");

    assertThat(told.code()).isEqualTo(1);
    assertThat(told.text())
        .contains("requests 2, bad 1")
        .contains("bad.csv line 3: the row has 1 cells");
  }

  @Test
  void printsNoPriceForUnknownModel() throws IOException {
    Told told = check("new.jsonl", "{\"prompt\":\"Hi\",\"model\":\"made-up\"}\n");

    assertThat(told.code()).isZero();
    assertThat(told.text()).contains("made-up: 1 requests").contains("price unknown");
  }

  @Test
  void explainsOtherJsonFormats() throws IOException {
    assertThat(check("array.jsonl", "[{\"prompt\":\"Hi\"}]"))
        .isEqualTo(
            new Told(
                1,
                "%s: requests 0, bad 0, parts 0%n  it is a JSON array. Write one request per line; jq -c '.[]' converts it.%n"
                    .formatted(folder.resolve("array.jsonl"))));
    assertThat(check("message.jsonl", "{\"custom_id\":\"a\",\"params\":{}}\n").text())
        .contains("Anthropic's own form");
  }

  @Test
  void acceptsSameFilesAsInboxes() throws IOException {
    Told other = check("notes.md", "Why is the sky blue?\n");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.text()).contains("notes.md is not accepted: its name must end with .jsonl");

    Files.writeString(folder.resolve("good.txt"), "Why is the sky blue?\n");
    Files.createSymbolicLink(folder.resolve("link.txt"), folder.resolve("good.txt"));
    Files.createDirectory(folder.resolve("sub"));
    Told all = check("");
    assertThat(all.code()).isZero();
    assertThat(all.text())
        .contains("good.txt: requests 1")
        .contains("link.txt is a link, which is not accepted.")
        .contains("notes.md is not accepted: ")
        .contains("sub is a subfolder, which is not searched.");
  }

  /** The lines are valid, but no configured model would answer them. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none, '', /v1/chat/completions, true",
        "none, '', /v1/embeddings, true",
        "caravan.provider, openai, /v1/chat/completions, false",
        "caravan.upstream.url, http://127.0.0.1:1/v1, /v1/chat/completions, false",
        "caravan.upstream.further.a.url, http://127.0.0.1:1/v1, /v1/chat/completions, false",
        "caravan.providers.local.base-url, http://10.0.0.1:8080/v1, /v1/chat/completions, false"
      })
  void reportsRequestsThatNeedUpstream(
      @Nullable String setting, String value, String url, boolean needed) throws IOException {
    String line =
        "{\"custom_id\": \"%s\", \"method\": \"POST\", \"url\": \"%s\", \"body\": {\"model\": \"%s\", \"%s\": %s}}\n";
    String own = line.formatted("1", "/v1/embeddings", "all-MiniLM-L6-v2", "input", "\"Hi\"");
    String other =
        url.endsWith("embeddings")
            ? line.formatted("2", url, "gpt-4.1", "input", "\"Hi\"")
            : line.formatted(
                "2", url, "gpt-4.1", "messages", "[{\"role\": \"user\", \"content\": \"Hi\"}]");

    Told told =
        check("two.jsonl", own + other, setting == null ? Map.of() : Map.of(setting, value));

    assertThat(told.text().contains("1 of 2 requests need an upstream")).isEqualTo(needed);
    assertThat(told.text().contains("Set CARAVAN_UPSTREAM_URL")).isEqualTo(needed);
    assertThat(check("one.jsonl", own).text()).doesNotContain("upstream");
  }

  private Told check(String name, String content) throws IOException {
    return check(name, content, Map.of());
  }

  private Told check(String name, String content, Map<String, String> settings) throws IOException {
    Files.writeString(folder.resolve(name), content);
    return check(name, settings);
  }

  private Told check(String name) {
    return check(name, Map.of());
  }

  private Told check(String name, Map<String, String> settings) {
    return Told.by(List.of("check", folder.resolve(name).toString()), settings);
  }
}
