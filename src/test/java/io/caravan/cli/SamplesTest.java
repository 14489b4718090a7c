package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Validates every sample for the provider that it is meant for. */
class SamplesTest {
  private static final Path SAMPLES = Path.of("samples");
  private static final String UPSTREAM = "http://127.0.0.1:11434/v1";

  @ParameterizedTest
  @CsvSource({
    "openai, openai.jsonl, 3",
    "openai, chat.jsonl, 3",
    "azure, azure.jsonl, 2",
    "azure, chat.jsonl, 3",
    "anthropic, anthropic.jsonl, 2",
    "gemini, gemini.jsonl, 3",
    "local, local.jsonl, 2"
  })
  void isValidForProvider(String provider, String file, int requests) {
    assertFine(Map.of("caravan.provider", provider), file, requests);
  }

  @ParameterizedTest
  @CsvSource({"chat.jsonl, 3", "local.jsonl, 2"})
  void isValidForEmbeddedServerWithUpstream(String file, int requests) {
    assertFine(Map.of("caravan.upstream.url", UPSTREAM), file, requests);
  }

  @ParameterizedTest
  @CsvSource({"prompts.txt, 3", "reviews.csv, 3"})
  void isValidForTemplate(String file, int requests) {
    assertFine(Map.of("caravan.template", "embeddings"), file, requests);
  }

  @Test
  void areAllCovered() throws IOException {
    try (Stream<Path> files = Files.list(SAMPLES)) {
      assertThat(files.filter(Files::isRegularFile).map(it -> it.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "quickstart.jsonl", // partly fails on purpose and has a test of its own
              "chat.jsonl",
              "openai.jsonl",
              "azure.jsonl",
              "anthropic.jsonl",
              "gemini.jsonl",
              "local.jsonl",
              "prompts.txt",
              "reviews.csv");
    }
  }

  private static void assertFine(Map<String, String> settings, String file, int requests) {
    Told told = Told.by(List.of("check", SAMPLES.resolve(file).toString()), settings);

    assertThat(told.code()).as(told.text()).isZero();
    assertThat(told.text())
        .contains("%s: requests %d, bad 0".formatted(file, requests))
        .doesNotContain("need an upstream");
  }
}
