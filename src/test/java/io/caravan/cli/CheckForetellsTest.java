package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the output of {@code check} with what the service does with the same file. */
@Tag("thorough")
class CheckForetellsTest {
  private static final String TOKEN = "sixteen-characters";
  private static final Pattern COUNTS =
      Pattern.compile("requests (\\d+), bad (\\d+), parts (\\d+)");
  private static final String GOOD = Line.chat("good", "Why is the sky blue?");

  private static final Map<String, String> SETTINGS = new LinkedHashMap<>();
  private static CountingProvider provider;
  private static TestCaravan caravan;
  private static Path strict;

  @TempDir private Path folder;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    provider = new CountingProvider(7);
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    strict = Files.createDirectories(folder.resolve("careful"));
    Path pipelines = routes.resolve("pipelines");
    Files.writeString(
        pipelines.resolve("careful.camel.yaml"),
        Files.readString(pipelines.resolve("default.camel.yaml"))
            .replace("default", "careful")
            .replace("{{caravan.inbox}}", strict.toString())
            .replace("strict: false", "strict: true"));
    SETTINGS.put("caravan.routes", routes.toString());
    SETTINGS.put("caravan.model", "gpt-4.1-nano");
    SETTINGS.put("caravan.provider", "openai");
    SETTINGS.put("caravan.providers.openai.max-requests", "2");
    SETTINGS.put("caravan.providers.openai.queue-limits.[gpt-4.1-nano]", "1000");
    SETTINGS.put("caravan.validation.max-requests", "20");
    SETTINGS.put("caravan.validation.max-line-size", "20KB");
    SETTINGS.put("caravan.intake.max-size", "100KB");
    SETTINGS.put("caravan.max-cost.file", "0.003");
    SETTINGS.put("caravan.max-cost.output-tokens", "1000");
    caravan = TestCaravan.in(folder).at(provider).with("caravan.operator.token", TOKEN);
    SETTINGS.forEach(caravan::with);
    caravan.start();
  }

  @AfterAll
  static void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  static Stream<Arguments> countsPartsAndMessages() throws IOException {
    return Stream.of(
        file(
            "mixed.jsonl",
            GOOD,
            Line.chat("e", "A text.").replace("nano", "mini"),
            Line.chat("x", "Why?")),
        file("table.csv", "prompt,custom_id", "Why?,a", "How?,b", "How?,b", "When?,c"),
        file(
            "bad.jsonl",
            GOOD,
            GOOD,
            "{\"custom_id\":",
            GOOD.replace("\"good\"", "\"\""),
            GOOD.replace("good", "u").replace("/v1/chat/completions", "/v1/none"),
            GOOD.replace("good", "m").replace("\"POST\"", "\"GET\""),
            Line.chat("long", "x".repeat(20 << 10))),
        Arguments.of("packed.jsonl.gz", packed(TestCaravan.text(GOOD, "bad"))));
  }

  static Stream<Arguments> countsPartsAndMessagesOfOddFiles() throws IOException {
    return Stream.of(
        file("good.jsonl", Line.chats("good", 5)),
        file("short.jsonl", "{\"prompt\":\"Why?\"}", "{\"custom_id\":\"b\",\"prompt\":\"How?\"}"),
        file("texts.txt", "Why is the sky blue?", "", "Why is the sea green?", "Why?"),
        file("rows.csv", "prompt,custom_id", "Why?,a", "How?", "\"When?,c"),
        file("all-bad.jsonl", "nothing", "useful"),
        file(
            "heavy.jsonl",
            Line.chat("h-1", "why ".repeat(700)),
            Line.chat("h-2", "so ".repeat(700))),
        file("array.jsonl", "[" + GOOD + "]"),
        file("lines.jsonl", GOOD.replace(",", ",\n")),
        file("native.jsonl", "{\"custom_id\":\"a\",\"params\":{\"model\":\"claude\"}}"),
        file("prompts.txt", GOOD),
        file("header.csv", "price,colour", "1,red"),
        file("empty-table.csv", ""),
        file("blank.jsonl", "", " "),
        file("big.txt", "x".repeat(10_000).concat("\n").repeat(11)),
        Arguments.of("empty.jsonl", new byte[0]),
        Arguments.of("cut.jsonl.gz", Arrays.copyOf(packed(GOOD), 60)),
        Arguments.of(
            "utf-16.txt", "\uFEFFWarum ist der Himmel blau?\n".getBytes(StandardCharsets.UTF_16BE)),
        Arguments.of("latin.txt", "Warum so sp\u00e4t?\n".getBytes(StandardCharsets.ISO_8859_1)));
  }

  @ParameterizedTest
  @MethodSource
  void countsPartsAndMessages(String name, byte[] content) throws IOException {
    foretells(name, content);
  }

  @Tag("thorough")
  @ParameterizedTest
  @MethodSource
  void countsPartsAndMessagesOfOddFiles(String name, byte[] content) throws IOException {
    foretells(name, content);
  }

  private void foretells(String name, byte[] content) throws IOException {
    Told told = check(name, content, "default");
    caravan.drop(name, content);
    Outcome outcome = caravan.awaitReport(stem(name));

    assertThat(counts(told)).as(told.text()).isEqualTo(counts(outcome));
    if (outcome.report().path("outcome").asText().equals("refused")) {
      assertThat(told.text()).contains(outcome.refusal().replaceFirst("^\\S+: ", ""));
    } else {
      assertThat(messages(told)).isEqualTo(messages(outcome));
    }
    assertThat(told.code()).isEqualTo(outcome.errors().isEmpty() ? 0 : 1);
  }

  @Test
  void saysThatStrictPipelineSendsNothing() throws IOException {
    byte[] content =
        TestCaravan.text(Line.chat("s", "Strict?"), "bad").getBytes(StandardCharsets.UTF_8);

    Told told = check("strict.jsonl", content, "careful");
    Files.write(strict.resolve("strict.jsonl"), content);
    Outcome outcome = caravan.awaitReport("strict").counts(2, 0, 2);

    assertThat(told.text()).contains("nothing is sent, as the pipeline is strict");
    assertThat(told.text()).contains(outcome.messageOf("null"));
    assertThat(outcome.codeOf("s")).isEqualTo("file_refused");
  }

  @ParameterizedTest
  @MethodSource
  void saysWhyFileIsHeld(String name, byte[] content) throws IOException {
    Told told = check(name, content, "default");
    caravan.drop(name, content);
    String setback =
        await(name + " is held")
            .until(
                () -> Outcome.parse(caravan.operate("GET", "?limit=1", TOKEN).body()).at("/jobs/0"),
                job -> job.path("name").asText().equals(name) && job.path("parked_at").isTextual())
            .at("/waits_for/0")
            .asText();

    assertThat(setback).contains("held for release");
    assertThat(told.text()).contains(setback);
  }

  static Stream<Arguments> saysWhyFileIsHeld() {
    return Stream.of(
        file("dear.jsonl", Line.chats("dear", 20)),
        file("unknown.jsonl", GOOD.replace("gpt-4.1-nano", "gpt-none")));
  }

  private static Arguments file(String name, String... lines) {
    return Arguments.of(name, TestCaravan.text(lines).getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] packed(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static String stem(String name) {
    return name.replaceFirst("\\.(jsonl|csv|txt)(\\.gz)?$", "");
  }

  private Told check(String name, byte[] content, String pipeline) throws IOException {
    Path file = Files.write(folder.resolve(name), content);
    return Told.by(List.of("check", "--pipeline", pipeline, file.toString()), SETTINGS);
  }

  private static List<String> counts(Told told) {
    Matcher counts = COUNTS.matcher(told.text());
    assertThat(counts.find()).isTrue();
    return List.of(counts.group(1), counts.group(2), counts.group(3));
  }

  /** The provider answers every request, so all errors are bad lines. */
  private static List<String> counts(Outcome outcome) {
    boolean refused = outcome.report().path("outcome").asText().equals("refused");
    return List.of(
        outcome.report().at("/requests/total").asText(),
        refused ? "0" : outcome.report().at("/requests/errors").asText(),
        "" + outcome.report().path("parts").size());
  }

  private static List<String> messages(Told told) {
    return told.text().lines().filter(line -> line.contains(" line ")).map(String::strip).toList();
  }

  private static List<String> messages(Outcome outcome) {
    return outcome.errors().stream().map(line -> line.at("/error/message").asText()).toList();
  }
}
