package io.caravan.jsonl.settle;

import static io.caravan.jsonl.Requests.RULES;
import static io.caravan.jsonl.Requests.answer;
import static io.caravan.jsonl.Requests.failure;
import static io.caravan.jsonl.Requests.limits;
import static io.caravan.jsonl.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.jsonl.Reason;
import io.caravan.jsonl.Requests;
import io.caravan.jsonl.split.PartFile;
import io.caravan.jsonl.split.PartLimits;
import io.caravan.jsonl.split.Split;
import io.caravan.jsonl.split.Splitter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettlementTest {
  private static final Path CASES = Path.of("src/test/resources/jsonl/settlement");

  @TempDir private Path folder;
  private Path results;
  private Path errors;

  @BeforeEach
  void nameFiles() {
    results = folder.resolve("results.jsonl");
    errors = folder.resolve("errors.jsonl");
  }

  @Test
  void sumsRequestsAndTokens() throws IOException {
    Settled settled = settleCase("shuffled-over-two-files");

    assertThat(settled).isEqualTo(new Settled(7, 3, 4, new Usage(60, 12, 72), 0, 0, 0, List.of()));
  }

  @Test
  void countsTokensOfUsedAnswersOnly() throws IOException {
    Settled settled = settleCase("repeated-and-unknown-ids");

    assertThat(settled.usage()).isEqualTo(new Usage(3, 0, 3));
    assertThat(settled.unknownIds()).isEqualTo(1);
    assertThat(settled.repeatedIds()).isEqualTo(5);
    assertThat(settled.notes())
        .contains(
            "answers-1.jsonl line 3: custom_id \"nobody\" belongs to no request; it is left out.",
            "answers-2.jsonl line 1: custom_id \"a\" was answered before.");
  }

  @Test
  void skipsLinesThatAreNotAnswers() throws IOException {
    Settled settled = settleCase("odd-answers");

    assertThat(settled.unreadable()).isEqualTo(3);
    assertThat(settled.usage()).isEqualTo(new Usage(3, 4, 7));
    assertThat(settled.notes())
        .contains("answers-1.jsonl line 10: the line is not an answer; it is left out.");
  }

  @Test
  void writesReasonForUnansweredRequests() throws IOException {
    split(limits(2, 9999), request("a"), "oops", request("b"));
    Reason reason = new Reason("batch_failed", "the batch failed.");

    new Settlement(folder, "in.jsonl", List.of(), reason).settle(results, errors);

    assertThat(messages())
        .startsWith("in.jsonl line 1: the batch failed.")
        .satisfies(lines -> assertThat(lines.get(1)).startsWith("in.jsonl line 2: the line is not"))
        .endsWith("in.jsonl line 3: the batch failed.");
  }

  @Test
  void prefersSuccessThenLastAttempt() throws IOException {
    split(limits(9, 9999), request("a"), request("b"), request("c"));
    AnswerFile third = file(3, answer("a"), failure("b", 500), failure("c", 429));
    AnswerFile first = file(1, failure("a", 500), failure("b", 500), answer("c"));
    AnswerFile second = file(2, failure("a", 503), failure("b", 503));

    Settled settled = settle(third, first, second);

    assertThat(results).hasContent(answer("a") + "\n" + answer("c") + "\n");
    assertThat(errors).hasContent(attempts(failure("b", 500), 3) + "\n");
    assertThat(settled.repeatedIds()).isZero();
    assertThat(settled.notes()).isEmpty();
  }

  @Test
  void reportsRepeatsWithinAnAttemptOnly() throws IOException {
    split(limits(9, 9999), request("a"), request("b"));
    AnswerFile first = file(1, failure("a", 500), failure("b", 500));
    AnswerFile second = file(2, failure("b", 429), answer("a"), failure("b", 500), answer("a"));

    Settled settled = settle(first, second);

    assertThat(settled.notes())
        .containsExactly(
            "answers-2 line 3: custom_id \"b\" was answered before.",
            "answers-2 line 4: custom_id \"a\" was answered before.");
    assertThat(errors).hasContent(attempts(failure("b", 429), 2) + "\n");
  }

  @Test
  void countsTokensOfTheLastAttemptOnly() throws IOException {
    split(limits(9, 9999), request("a"), request("b"));
    String failed = failure("a", 500).replace("{}", "{\"usage\":{\"input_tokens\":5}}");
    String success = answer("a").replace("{}", "{\"usage\":{\"input_tokens\":7}}");
    String other = failed.replace("\"a\"", "\"b\"");

    assertThat(settle(file(1, failed, other), file(2, success), file(3, failed)).usage())
        .isEqualTo(new Usage(12, 0, 12));
  }

  @Test
  void addsAttemptsDespiteTrailingWhitespace() throws IOException {
    split(limits(9, 9999), request("a"), request("b"), request("c"));
    String large = failure("c", 500).replace("{}", "\"" + "}é".repeat(100_000) + "\"");

    settle(
        file(2, failure("a", 500).replaceAll("}$", " }\t \r"), failure("b", 500) + " ".repeat(99)),
        file(4, large));

    assertThat(Files.readString(errors))
        .isEqualTo(
            String.join(
                "\n",
                failure("a", 500).replaceAll("}$", " ,\"attempts\":2}\t "),
                attempts(failure("b", 500), 2) + " ".repeat(99),
                attempts(large, 4),
                ""));
  }

  @Test
  void writesOwnErrorsWithNameLineAndAttempts() throws IOException {
    split(limits(9, 9999), "oops", request("a"), "", request("b"), request("c"));
    AnswerFile provider = file(1, failure("a", 500), failure("c", 429));
    AnswerFile own = own(2, "a", "c");
    AnswerFile first = own(1, "b");

    Settled settled = settle(provider, own, file(2, answer("c")), first);

    assertThat(messages().subList(1, 3))
        .containsExactly("in.jsonl line 2: gave \"up\".", "in.jsonl line 4: gave \"up\".");
    assertThat(Files.readAllLines(errors).get(1)).endsWith("\"line\":2},\"attempts\":2}");
    assertThat(Files.readAllLines(errors).get(2)).endsWith("\"line\":4}}");
    assertThat(results).hasContent(answer("c") + "\n");
    assertThat(settled.notes()).isEmpty();
  }

  @Test
  void removesBrokenCharactersFromReasons() throws IOException {
    split(limits(9, 9999), request("a"));
    Path file = folder.resolve("own");
    try (OutputStream out = Files.newOutputStream(file)) {
      new OwnError("a", new Reason("odd\n", "half \ud83d of it")).writeTo(out);
    }

    settle(new AnswerFile(file, 1, null, true));

    assertThat(messages()).containsExactly("in.jsonl line 1: half  of it");
  }

  @Test
  void writesSameBytesWhenRepeated() throws IOException {
    split(limits(2, 9999), request("a"), request("b"), request("c"));
    Path answers = Files.writeString(folder.resolve("answers"), answer("c") + "\n" + answer("a"));
    Settled first = settle(first(answers));
    List<String> before = List.of(Files.readString(results), Files.readString(errors));
    Files.writeString(folder.resolve("results.jsonl.0.tmp"), "a crash left this");

    Settled second = settle(first(answers));

    assertThat(second).isEqualTo(first);
    assertThat(List.of(Files.readString(results), Files.readString(errors))).isEqualTo(before);
  }

  @Test
  void needsNeitherInputNorParts() throws IOException {
    Split split = split(limits(2, 9999), request("a"), request("b"));
    for (PartFile part : split.parts()) {
      Files.delete(part.file());
    }
    Files.delete(folder.resolve("input.jsonl"));
    Path answers = Files.writeString(folder.resolve("answers"), answer("b") + "\r\n" + answer("a"));

    settle(first(answers));

    assertThat(results).hasContent(answer("a") + "\n" + answer("b") + "\n");
  }

  @Test
  void sortsThousandsOfShuffledAnswersFromManyFiles() throws IOException {
    List<String> ids =
        IntStream.range(0, 10_000).mapToObj(i -> "request-%s-ü".formatted(i * 7)).toList();
    split(limits(1000, 999_999), ids.stream().map(Requests::request).toArray(String[]::new));
    List<String> answers = new ArrayList<>(ids.stream().map(Requests::answer).toList());
    Collections.shuffle(answers, new Random(7));
    List<AnswerFile> files = new ArrayList<>();
    for (int from = 0; from < answers.size(); from += 100) {
      Path file = folder.resolve("answers-" + from);
      files.add(first(Files.write(file, answers.subList(from, from + 100))));
    }

    Settled settled = settle(files.toArray(AnswerFile[]::new));

    assertThat(settled.results()).isEqualTo(10_000);
    assertThat(Files.readAllLines(results)).isEqualTo(ids.stream().map(Requests::answer).toList());
    assertThat(errors).isEmptyFile();
  }

  @Test
  void copiesLongAnswersUnchanged() throws IOException {
    split(limits(9, 99_999), request("a"), request("b"));
    String large = answer("a").replace("{}", "\"" + "é".repeat(500_000) + "\"");
    Path answers = Files.writeString(folder.resolve("answers"), answer("b") + "\n" + large);

    settle(first(answers));

    assertThat(Files.readString(results)).isEqualTo(large + "\n" + answer("b") + "\n");
  }

  @Test
  void rejectsInvalidIndex() throws IOException {
    Files.writeString(folder.resolve(Split.INDEX), "something else");

    assertThatThrownBy(() -> settle())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not an index of requests");
  }

  private Split split(PartLimits limits, String... lines) throws IOException {
    return new Splitter(RULES, limits).split(Requests.write(folder, lines), "in.jsonl", folder);
  }

  private Settled settle(AnswerFile... answers) throws IOException {
    return new Settlement(folder, "in.jsonl", List.of(answers), Reason.NOT_ANSWERED)
        .settle(results, errors);
  }

  private Settled settleCase(String name) throws IOException {
    Path example = CASES.resolve(name);
    new Splitter(RULES, limits(2, 9999)).split(example.resolve("input.jsonl"), "in.jsonl", folder);
    return settle(
        first(example.resolve("answers-1.jsonl")), first(example.resolve("answers-2.jsonl")));
  }

  private static AnswerFile first(Path file) {
    return new AnswerFile(file, 1, null, false);
  }

  private AnswerFile file(int attempt, String... lines) throws IOException {
    Path file = folder.resolve("answers-" + attempt);
    return new AnswerFile(Files.write(file, List.of(lines)), attempt, null, false);
  }

  private AnswerFile own(int attempt, String... ids) throws IOException {
    Path file = folder.resolve("own-" + attempt);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (String id : ids) {
        new OwnError(id, new Reason("gave_up", "gave \"up\".")).writeTo(out);
      }
    }
    return new AnswerFile(file, attempt, null, true);
  }

  private static String attempts(String line, int attempts) {
    return line.replaceAll("}$", ",\"attempts\":%s}".formatted(attempts));
  }

  private List<String> messages() throws IOException {
    return Files.readAllLines(errors).stream()
        .map(line -> line.replaceAll(".*\"message\":\"(.*?[^\\\\])\".*", "$1"))
        .map(message -> message.replace("\\\"", "\""))
        .toList();
  }
}
