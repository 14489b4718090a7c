package io.caravan.jsonl.split;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.jsonl.Reason;
import io.caravan.jsonl.Requests;
import io.caravan.jsonl.settle.AnswerFile;
import io.caravan.jsonl.settle.Harvest;
import io.caravan.jsonl.settle.Settlement;
import io.caravan.jsonl.tokens.MediaTokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every case under {@code jsonl/} and compares its output byte for byte. */
class CasesTest {
  private static final Path CASES = Path.of("src/test/resources/jsonl");

  @TempDir private Path folder;

  @ParameterizedTest
  @MethodSource
  void validation(Path example) throws IOException {
    Split split = split(example);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (PartFile part : split.parts()) {
      Files.copy(part.file(), sent);
    }
    assertSame(sent.toByteArray(), example.resolve("results.jsonl"));
    assertSame(Files.readAllBytes(split.refused()), example.resolve("errors.jsonl"));
  }

  @ParameterizedTest
  @MethodSource
  void settlement(Path example) throws IOException {
    split(example);
    Path results = folder.resolve("results.jsonl");
    Path errors = folder.resolve("errors.jsonl");
    new Settlement(folder, "input.jsonl", answers(example), Reason.NOT_ANSWERED)
        .settle(results, errors);
    assertSame(Files.readAllBytes(results), example.resolve("results.jsonl"));
    assertSame(Files.readAllBytes(errors), example.resolve("errors.jsonl"));
  }

  /** Retries unfinished requests in one run and gives them up in another. */
  @ParameterizedTest
  @MethodSource
  void harvest(Path example) throws IOException {
    Path again = folder.resolve("again.jsonl");
    Path own = folder.resolve("own.jsonl");
    Path part = example.resolve("part.jsonl");
    List<Path> answers = List.of(example.resolve("output.jsonl"), example.resolve("error.jsonl"));

    harvest(part, answers, null, again, own);
    assertSameOrAbsent(again, example.resolve("again.jsonl"));
    assertThat(own).doesNotExist();

    Files.deleteIfExists(again);
    harvest(part, answers, Reason.NOT_ANSWERED, again, own);
    assertSameOrAbsent(own, example.resolve("own.jsonl"));
    assertThat(again).doesNotExist();
  }

  private static void harvest(
      Path part, List<Path> answers, @Nullable Reason givenUp, Path again, Path own)
      throws IOException {
    try (Harvest harvest = Harvest.open(part, answers)) {
      harvest.sort(
          new Harvest.Unfinished(line -> null, givenUp, givenUp), MediaTokens.OPENAI, again, own);
    }
  }

  static List<Path> validation() throws IOException {
    return list(CASES.resolve("validation"), "");
  }

  static List<Path> settlement() throws IOException {
    return list(CASES.resolve("settlement"), "");
  }

  static List<Path> harvest() throws IOException {
    return list(CASES.resolve("harvest"), "");
  }

  private Split split(Path example) throws IOException {
    return new Splitter(Requests.RULES, Requests.limits(2, 1000))
        .split(example.resolve("input.jsonl"), "input.jsonl", folder);
  }

  /** First attempts are {@code answers-…}, later ones {@code attempt-N…}, ours {@code ….own…}. */
  private static List<AnswerFile> answers(Path example) throws IOException {
    List<AnswerFile> answers = new ArrayList<>();
    for (Path file : list(example, "answers-")) {
      answers.add(new AnswerFile(file, 1, null, false));
    }
    for (Path file : list(example, "attempt-")) {
      String[] words = file.getFileName().toString().split("[-.]", -1);
      answers.add(new AnswerFile(file, Integer.parseInt(words[1]), null, words[2].equals("own")));
    }
    return answers;
  }

  private static List<Path> list(Path directory, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> f.getFileName().toString().startsWith(prefix)).sorted().toList();
    }
  }

  private static void assertSameOrAbsent(Path actual, Path expected) throws IOException {
    assertThat(Files.exists(actual)).isEqualTo(Files.exists(expected));
    if (Files.exists(expected)) {
      assertSame(Files.readAllBytes(actual), expected);
    }
  }

  private static void assertSame(byte[] actual, Path expected) throws IOException {
    assertThat(new String(actual, StandardCharsets.UTF_8)).isEqualTo(Files.readString(expected));
  }
}
