package io.caravan.jsonl.split;

import static io.caravan.jsonl.Requests.RULES;
import static io.caravan.jsonl.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.jsonl.HeapRoom;
import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.Requests;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidatorTest {
  @TempDir private Path folder;

  private final Requests found = new Requests();

  @Test
  void countsBlankLinesAsLinesButNotAsRequests() throws IOException {
    Summary summary = validate("", request("a"), "   ", "oops", "", request("b"));

    assertThat(summary.requests()).isEqualTo(3);
    assertThat(summary.refused()).isEqualTo(1);
    assertThat(found.good).extracting(RequestLine::line).containsExactly(2L, 6L);
    assertThat(found.refused).extracting(RefusedLine::line).containsExactly(4L);
  }

  @Test
  void reportsOffsetAndLengthOfEachLine() throws IOException {
    Path file = folder.resolve("windows.jsonl");
    byte[] content =
        ("\ufeff" + request("ä") + "\r\n\r\n\ufeff" + request("b"))
            .getBytes(StandardCharsets.UTF_8);
    Files.write(file, content);

    Summary summary = new Validator(RULES).validate(file, found);

    assertThat(found.goodLines).containsExactly(request("ä"), request("b"));
    for (int i = 0; i < 2; i++) {
      RequestLine line = found.good.get(i);
      assertThat(new String(content, (int) line.offset(), line.length(), StandardCharsets.UTF_8))
          .isEqualTo(found.goodLines.get(i));
    }
    assertThat(summary.problems()).isEmpty();
    assertThat(summary.notes()).containsExactly("2 byte-order marks skipped");
  }

  @Test
  void refusesRepeatedCustomIdButKeepsTheFirst() throws IOException {
    validate(request("r-0004"), "", request("b"), request("r-0004"));

    assertThat(found.goodIds()).containsExactly("r-0004", "b");
    assertThat(found.refused)
        .containsExactly(
            new RefusedLine(
                4,
                "r-0004",
                List.of(
                    new LineProblem(
                        "duplicate_custom_id",
                        "custom_id \"r-0004\" repeats line 1. Make every custom_id unique in a file.",
                        "custom_id"))));
  }

  @Test
  void findsRepeatedCustomIdsDespiteHashCollisions() throws IOException {
    Path file =
        Requests.write(folder, request("a"), request("b"), request("\\u0061"), request("c"));

    new Validator(RULES, id -> 1, new HeapRoom(9)).validate(file, found);

    assertThat(found.goodIds()).containsExactly("a", "b", "c");
    assertThat(found.messages()).singleElement().asString().contains("repeats line 1");
  }

  @Test
  void refusesInvalidUtf8() throws IOException {
    Path file = folder.resolve("latin.jsonl");
    Files.writeString(file, request("bär") + "\n", StandardCharsets.ISO_8859_1);

    new Validator(RULES).validate(file, found);

    assertThat(found.codes()).containsExactly("invalid_utf8");
    assertThat(found.messages())
        .singleElement()
        .asString()
        .startsWith("the line is not UTF-8. Save the file as UTF-8");
  }

  @Test
  void refusesUtf16WithAndWithoutMark() throws IOException {
    for (String charset : new String[] {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE"}) {
      Requests lines = new Requests();
      Path file = folder.resolve(charset);
      Files.write(file, request("a").getBytes(Charset.forName(charset)));

      new Validator(RULES).validate(file, lines);

      assertThat(lines.codes()).as(charset).containsExactly("invalid_utf8");
    }
  }

  @Test
  void refusesLinesBeyondMaximum() throws IOException {
    ValidationRules two = new ValidationRules(RULES.endpoints(), 2, 1000, 500, 9);
    Path file = Requests.write(folder, request("a"), "{}", request("b"), request("c"));

    Summary summary = new Validator(two).validate(file, found);

    assertThat(found.goodIds()).containsExactly("a");
    assertThat(found.refused).extracting(RefusedLine::customId).containsExactly(null, "b", "c");
    assertThat(found.codes()).endsWith("too_many_requests", "too_many_requests");
    assertThat(summary.requests()).isEqualTo(4);
    assertThat(summary.problems())
        .containsExactly(
            "the file holds 4 requests, more than the maximum of 2; those past it are refused."
                + " Cut it into smaller files.");
  }

  @Test
  void refusesTooLargeFileAsAWhole() throws IOException {
    ValidationRules small = new ValidationRules(RULES.endpoints(), 2, 50, 50, 9);

    Summary summary = new Validator(small).validate(Requests.write(folder, request("a")), found);

    assertThat(summary.problems())
        .singleElement()
        .asString()
        .startsWith("the file has 94 bytes, more than the maximum of 50.");
    assertThat(summary.requests()).isZero();
  }

  @Test
  void refusesFileWithMoreRequestsThanFitInHeap() throws IOException {
    Path file = Requests.write(folder, request("a"), "", request("b"), request("c"));

    assertThat(new Validator(RULES, id -> 1, new HeapRoom(3)).validate(file, found).requests())
        .isEqualTo(3);
    Summary summary = new Validator(RULES, id -> 1, new HeapRoom(2)).validate(file, found);

    assertThat(summary.requests()).isZero();
    assertThat(summary.problems())
        .singleElement()
        .asString()
        .startsWith("the file holds more than 2 requests, too many for the heap of ")
        .contains("JAVA_OPTS=-Xmx1g");
  }

  @Test
  void reportsEmptyOrBlankFile() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty"));

    assertThat(new Validator(RULES).validate(empty, found).problems())
        .containsExactly("the file is empty. Write one request a line.");
    assertThat(validate("", " ", "").problems())
        .containsExactly("the file holds only blank lines. Write one request a line.");
  }

  @Test
  void refusesDeepNesting() throws IOException {
    String deep = "[".repeat(1001) + "]".repeat(1001);
    validate(request("a").replace("\"x\"", deep), request("b").replace("\"x\"", "[[[]]]"));

    assertThat(found.messages())
        .containsExactly("the line nests deeper than 1000 levels. Flatten it.");
    assertThat(found.goodIds()).containsExactly("b");
  }

  @Test
  void refusesLongCustomIds() throws IOException {
    validate(request("a".repeat(512)), request("b".repeat(513)), request("\\u0061".repeat(513)));
    validate(request("\uD83D\uDC2A".repeat(256)), request("ü".repeat(513)));

    assertThat(found.good).hasSize(2);
    assertThat(found.codes())
        .containsExactly("string_too_long", "string_too_long", "string_too_long");
    assertThat(found.messages().get(0))
        .isEqualTo("custom_id has more than 512 characters. Shorten it.");
  }

  @Test
  void limitsPairsOfModelAndUrl() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 1; i <= 1002; i++) {
      lines.add(request("r-" + i, i % 2 == 0 ? "/v1/responses" : "/v1/completions", "m-" + i / 2));
    }
    lines.add(request("again", "/v1/responses", "m-1"));

    validate(lines.toArray(String[]::new));

    assertThat(found.good).hasSize(1001);
    assertThat(found.good.get(1).kind()).isEqualTo(new RequestLine.Kind("/v1/responses", "m-1"));
    assertThat(found.goodIds()).endsWith("r-1000", "again");
    assertThat(found.codes()).containsExactly("too_many_models", "too_many_models");
    assertThat(found.messages())
        .contains(
            "the file has 1,000 different pairs of url and model before this one, the maximum per"
                + " file. Put the others in another file.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"text\" | 1",
        "\"a \\\" quote, ] and [\" | 1",
        "[\"a\", \"b\"] | 2",
        "[\"a\\\"]\", \"\\\\\", \"\"] | 3",
        "[1, 2, 3] | 1",
        "[[1, 2], [3], []] | 3",
        "[\"a\", [1]] | 2",
        "[] | 1",
        "{} | 1",
        "null | 1",
        "12 | 1"
      })
  void countsTextsToEmbed(String input, int expected) throws IOException {
    String embeddings = request("a").replace("\"x\"", input);
    validate(embeddings, embeddings.replace("\"a\"", "\"b\"").replace("embeddings", "responses"));

    assertThat(found.codes()).isEmpty();
    assertThat(found.good).extracting(RequestLine::embeddingInputs).containsExactly(expected, 0);
  }

  @Test
  void countsTextsToEmbedBetweenHugeWhitespace() throws IOException {
    String space = " \t".repeat(60_000);
    String input = "[" + space + "\"a\"" + space + "," + space + "\"b\"" + space + "]" + space;

    validate(request("a").replace("\"x\"", input));

    assertThat(found.good).extracting(RequestLine::embeddingInputs).containsExactly(2);
  }

  @Test
  void countsTextsToEmbedForAnyMemberOrder() throws IOException {
    validate(
        """
        {"body":{"input":["a","b"],"model":"m"},"custom_id":"a","method":"POST","url":"/v1/embeddings"}\
        """);

    assertThat(found.good).extracting(RequestLine::embeddingInputs).containsExactly(2);
  }

  @Test
  void refusesMoreTextsToEmbedThanABatchAllows() throws IOException {
    ValidationRules three = new ValidationRules(RULES.endpoints(), 9, 9999, 999, 3);
    String full = request("a").replace("\"x\"", "[\"1\",\"2\",\"3\"]");
    String more = request("b").replace("\"x\"", "[[1],[2],[3],[4]]");

    new Validator(three).validate(Requests.write(folder, full, more), found);

    assertThat(found.goodIds()).containsExactly("a");
    assertThat(found.codes()).containsExactly("too_many_inputs");
    assertThat(found.messages())
        .containsExactly(
            "body.input holds 4 inputs, more than the maximum of 3. Spread them over several"
                + " requests.");
  }

  @Test
  void reportsLineOfDistantRepeatedCustomId() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 1; i <= 3000; i++) {
      lines.add(i % 10 == 0 ? "" : request("r-" + i));
    }
    lines.add(request("r-1"));
    lines.add(request("r-1501"));
    lines.add(request("r-2999"));
    lines.add(request("r-2999"));

    validate(lines.toArray(String[]::new));

    assertThat(found.messages())
        .extracting(message -> message.replaceAll(".*repeats line (\\d+)\\..*", "$1"))
        .containsExactly("1", "1501", "2999", "2999");
  }

  @Test
  void acceptsImagesOfMegabytes() throws IOException {
    ValidationRules wide = new ValidationRules(RULES.endpoints(), 9, 1L << 30, 64 << 20, 9);
    Path file =
        Requests.write(folder, request("a").replace("\"x\"", '"' + "A".repeat(30 << 20) + '"'));

    new Validator(wide).validate(file, found);

    assertThat(found.goodIds()).containsExactly("a");
  }

  @Test
  void acceptsLineOfAHundredMegabytes() throws IOException {
    Path file = folder.resolve("large.jsonl");
    String piece = "A".repeat(1 << 20);
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("{\"custom_id\":\"");
      for (String part : Collections.nCopies(100, piece)) {
        out.write(part);
      }
      out.write("\r\n" + request("after"));
    }

    new Validator(RULES).validate(file, found);

    assertThat(found.goodIds()).containsExactly("after");
    assertThat(found.messages())
        .containsExactly(
            "the line has 104,857,614 bytes, more than the maximum of 1,048,576. Shorten it.");
  }

  private Summary validate(String... lines) throws IOException {
    return new Validator(RULES).validate(Requests.write(folder, lines), found);
  }
}
