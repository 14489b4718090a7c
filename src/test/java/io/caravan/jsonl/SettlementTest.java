package io.caravan.jsonl;

import static io.caravan.jsonl.Requests.RULES;
import static io.caravan.jsonl.Requests.answer;
import static io.caravan.jsonl.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
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
  void addsUpRequestsAndTokens() throws IOException {
    Settled settled = settleCase("shuffled-over-two-files");

    assertThat(settled).isEqualTo(new Settled(7, 3, 4, new Usage(60, 12, 72), 0, 0, 0, List.of()));
  }

  @Test
  void countsTokensOfTheAnswersItTookOnly() throws IOException {
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
  void survivesLinesThatAreNoAnswers() throws IOException {
    Settled settled = settleCase("odd-answers");

    assertThat(settled.unreadable()).isEqualTo(4);
    assertThat(settled.usage()).isEqualTo(new Usage(3, 4, 7));
    assertThat(settled.notes())
        .contains("answers-1.jsonl line 10: the line is not an answer; it is left out.");
  }

  @Test
  void asksForTheReasonByPartAndLine() throws IOException {
    split(new PartLimits(2, 9999), request("a"), "oops", request("b"), request("c"));

    settle((part, line) -> new Reason("batch_failed", "part %s, %s.".formatted(part, line)));

    assertThat(Files.readAllLines(errors))
        .map(line -> line.replaceAll(".*\"message\":\"(.*?)\".*", "$1"))
        .satisfies(messages ->
            assertThat(messages.get(1)).startsWith("in.jsonl line 2: the line is not valid"))
        .containsSequence("in.jsonl line 3: part 1, 2.", "in.jsonl line 4: part 2, 1.")
        .startsWith("in.jsonl line 1: part 1, 1.");
  }

  @Test
  void givesTheSameBytesAgainWhateverTheLimitsAreNow() throws IOException {
    split(new PartLimits(2, 9999), request("a"), request("b"), request("c"));
    Path answers = Files.writeString(folder.resolve("answers"), answer("c") + "\n" + answer("a"));
    Settled first = settle((part, line) -> Reason.NOT_ANSWERED, answers);
    List<String> before = List.of(Files.readString(results), Files.readString(errors));
    Files.writeString(folder.resolve("results.jsonl.tmp"), "a crash left this");

    Settled second = settle((part, line) -> Reason.NOT_ANSWERED, answers);

    assertThat(second).isEqualTo(first);
    assertThat(List.of(Files.readString(results), Files.readString(errors))).isEqualTo(before);
  }

  @Test
  void needsNeitherInputNorParts() throws IOException {
    Split split = split(new PartLimits(2, 9999), request("a"), request("b"));
    for (PartFile part : split.parts()) {
      Files.delete(part.file());
    }
    Files.delete(folder.resolve("input.jsonl"));
    Path answers = Files.writeString(folder.resolve("answers"), answer("b") + "\r\n" + answer("a"));

    settle((part, line) -> Reason.NOT_ANSWERED, answers);

    assertThat(results).hasContent(answer("a") + "\n" + answer("b") + "\n");
  }

  @Test
  void joinsThousandsOfAnswersInAnyOrderOverManyFiles() throws IOException {
    List<String> ids =
        IntStream.range(0, 10_000).mapToObj(i -> "request-%s-ü".formatted(i * 7)).toList();
    split(
        new PartLimits(1000, 999_999), ids.stream().map(Requests::request).toArray(String[]::new));
    List<String> answers = new ArrayList<>(ids.stream().map(Requests::answer).toList());
    Collections.shuffle(answers, new Random(7));
    List<Path> files = new ArrayList<>();
    for (int from = 0; from < answers.size(); from += 100) {
      Path file = folder.resolve("answers-" + from);
      files.add(Files.write(file, answers.subList(from, from + 100)));
    }

    Settled settled = settle((part, line) -> Reason.NOT_ANSWERED, files.toArray(Path[]::new));

    assertThat(settled.results()).isEqualTo(10_000);
    assertThat(Files.readAllLines(results)).isEqualTo(ids.stream().map(Requests::answer).toList());
    assertThat(errors).isEmptyFile();
  }

  @Test
  void copiesLongAnswersUnchanged() throws IOException {
    split(new PartLimits(9, 99_999), request("a"), request("b"));
    String large = answer("a").replace("{}", "\"" + "é".repeat(500_000) + "\"");
    Path answers = Files.writeString(folder.resolve("answers"), answer("b") + "\n" + large);

    settle((part, line) -> Reason.NOT_ANSWERED, answers);

    assertThat(Files.readString(results)).isEqualTo(large + "\n" + answer("b") + "\n");
  }

  @Test
  void refusesAnIndexThatIsNone() throws IOException {
    Files.writeString(folder.resolve(Split.INDEX), "something else");

    assertThatThrownBy(() -> settle((part, line) -> Reason.NOT_ANSWERED))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no index of requests");
  }

  private Split split(PartLimits limits, String... lines) throws IOException {
    return new Splitter(RULES, limits).split(Requests.write(folder, lines), "in.jsonl", folder);
  }

  private Settled settle(Unanswered unanswered, Path... answers) throws IOException {
    return new Settlement(folder, "in.jsonl", List.of(answers), unanswered).settle(results, errors);
  }

  private Settled settleCase(String name) throws IOException {
    Path example = CASES.resolve(name);
    new Splitter(RULES, new PartLimits(2, 9999))
        .split(example.resolve("input.jsonl"), "in.jsonl", folder);
    return settle(
        (part, line) -> Reason.NOT_ANSWERED,
        example.resolve("answers-1.jsonl"),
        example.resolve(name.equals("all-failed") ? "answers-1.jsonl" : "answers-2.jsonl"));
  }
}
