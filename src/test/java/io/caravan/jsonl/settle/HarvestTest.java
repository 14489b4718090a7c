package io.caravan.jsonl.settle;

import static io.caravan.jsonl.Requests.answer;
import static io.caravan.jsonl.Requests.failure;
import static io.caravan.jsonl.Requests.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.jsonl.Reason;
import io.caravan.jsonl.Requests;
import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.jsonl.tokens.Prompts;
import io.caravan.jsonl.tokens.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HarvestTest {
  private static final Reason GIVEN_UP = new Reason("batch_expired", "three batches expired.");

  @TempDir private Path folder;
  private Path output;
  private Path error;
  private Path again;
  private Path own;

  @BeforeEach
  void nameFiles() {
    output = folder.resolve("output.jsonl");
    error = folder.resolve("error.jsonl");
    again = folder.resolve("again.jsonl");
    own = folder.resolve("own.jsonl");
  }

  @Test
  void retriesUnfinishedRequestsUnchanged() throws IOException {
    String spaced = request("c").replace(":", " : ") + "\t";
    part(request("a"), request("b"), spaced, request("d"), request("e"));
    write(output, answer("d"), answer("a"));
    write(error, failure("b", 400), failure("e", 503));

    assertThat(harvest(null))
        .isEqualTo(
            new Harvested(
                3, 0, 2, spaced.length() + request("e").length() + 2, new Tokens(2, 0), 0));
    assertThat(again).content().isEqualTo(spaced + "\n" + request("e") + "\n");
    assertThat(own).doesNotExist();
  }

  @Test
  void retriesAllWithoutBatchFiles() throws IOException {
    Path part = part(request("a"), request("b"));

    assertThat(harvest(null))
        .isEqualTo(new Harvested(0, 0, 2, Files.size(part), new Tokens(2, 0), 0));
    assertThat(again).hasSameBinaryContentAs(part);
  }

  @Test
  void keepsProviderErrorOfGivenUpRequests() throws IOException {
    part(request("a"), request("b"), request("c"));
    write(output, answer("a"));
    write(error, failure("c", 429));

    assertThat(harvest(GIVEN_UP)).isEqualTo(new Harvested(1, 0, 0, 0, new Tokens(0, 0), 2));
    assertThat(own)
        .content()
        .isEqualTo(
            "{\"custom_id\":\"b\",\"code\":\"batch_expired\",\"message\":\"three batches expired.\"}\n");
    assertThat(again).doesNotExist();
  }

  @Test
  void doesNotRetryRefusedLines() throws IOException {
    part(request("a"), request("b"), request("c"));
    RefusedLines second = line -> line == 2 ? new Reason("invalid_line", "no.") : null;

    assertThat(harvest(second, null)).extracting("refused", "again").containsExactly(1, 2);
    assertThat(again).hasContent(request("a") + "\n" + request("c") + "\n");
    assertThat(own).content().contains("\"b\"", "invalid_line").hasLineCount(1);
    assertThat(harvest(second, GIVEN_UP)).isEqualTo(new Harvested(0, 1, 0, 0, new Tokens(0, 0), 2));
    assertThat(own).content().hasLineCount(3);
  }

  @Test
  void prefersAnswerOverRefusal() throws IOException {
    part(request("a"), request("b"));
    write(output, answer("a"), failure("b", 404));

    assertThat(harvest(line -> GIVEN_UP, GIVEN_UP))
        .isEqualTo(new Harvested(2, 0, 0, 0, new Tokens(0, 0), 0));
    assertThat(own).doesNotExist();
  }

  @Test
  void usesBestOfSeveralAnswers() throws IOException {
    part(request("a"), request("b"), request("c"));
    write(output, failure("a", 500), failure("b", 500), failure("c", 500), answer("a"));
    write(error, failure("b", 400), failure("b", 500), failure("a", 500), failure("c", 429));

    assertThat(harvest(null)).extracting("answered", "again").containsExactly(2, 1);
    assertThat(again).hasContent(request("c") + "\n");
  }

  @Test
  void ignoresInvalidAndUnknownAnswers() throws IOException {
    part(request("a"));
    write(output, "", "oops", "{\"id\":1}", answer("b"));

    assertThat(harvest(null))
        .isEqualTo(new Harvested(0, 0, 1, request("a").length() + 1, new Tokens(1, 0), 0));
  }

  @Test
  void doesNotRetryRequestsWithUnreadableAnswers() throws IOException {
    part(request("a"), request("7"), request("c"), request("d"));
    write(
        output,
        answer("a").replace("{}", "{\"score\":NaN}"),
        answer("7").replace("\"7\"", "7"),
        answer("c").replace("{}", "{\"x\":"));

    assertThat(harvest(null)).extracting("answered", "again").containsExactly(3, 1);
    assertThat(again).hasContent(request("d"));
    assertThat(found()).isEqualTo(new FoundAnswers(2, 0, 1, 0, false));
  }

  @Test
  void detectsMissingAnswers() throws IOException {
    part(request("a"), request("b"), request("c"), request("d"));
    assertThat(found().mayGrowTo(4, 0)).isTrue();
    assertThat(found().mayGrowTo(0, 0)).isFalse();

    write(output, "<html>", "<title>Sign in</title>", "<p>", "</p>", "</html>");
    assertThat(found().mayGrowTo(4, 0)).isTrue();

    write(output, answer("a"), answer("b"), answer("c"));
    assertThat(found().mayGrowTo(4, 0)).isTrue();
    assertThat(found().mayGrowTo(3, 1)).isFalse(); // the failed one has no line and cost nothing
    assertThat(found().fallsShortOf(3, 1)).isFalse();

    write(error, failure("d", 400));
    assertThat(found().mayGrowTo(4, 0)).isFalse(); // the failed request counts as completed
    assertThat(found().mayGrowTo(3, 1)).isFalse();
  }

  @Test
  void doesNotExpectMoreAnswersForBrokenLines() throws IOException {
    part(request("a"), request("b"));
    write(output, answer("a"), "{\"oops");
    assertThat(found()).isEqualTo(new FoundAnswers(1, 0, 0, 1, false));
    assertThat(found().mayGrowTo(2, 0)).isFalse();
    assertThat(found().fallsShortOf(2, 0)).isTrue();

    Files.writeString(
        output, answer("a") + "\n{\"oops"); // no newline: the download may be truncated
    assertThat(found().mayGrowTo(2, 0)).isTrue();
  }

  @Test
  void retriesTemporaryErrorsButGivesUpUnanswered() throws IOException {
    part(request("a"), request("b"), request("c"));
    write(output, answer("a"), failure("b", 429));

    assertThat(sort(new Harvest.Unfinished(line -> null, GIVEN_UP, null)))
        .isEqualTo(new Harvested(1, 0, 1, request("b").length() + 1, new Tokens(1, 0), 1));
    assertThat(again).hasContent(request("b"));
    assertThat(own).content().contains("\"c\"").hasLineCount(1);
  }

  @Test
  void keepsFilesOfAnotherProcess() throws IOException {
    part(request("a"));
    write(output, answer("a"));
    write(again, "of another process");
    write(own, "of another process");

    assertThat(harvest(null)).isEqualTo(new Harvested(1, 0, 0, 0, new Tokens(0, 0), 0));
    assertThat(again).hasContent("of another process");
    assertThat(own).hasContent("of another process");
  }

  @Test
  void comparesUnescapedCustomIds() throws IOException {
    String late = "{\"body\":{\"custom_id\":\"x\"},\"custom_id\":\"\\u00fc \\\"q\\\"\"}";
    part(late, request("b"));
    write(output, answer("ü \\\"q\\\""), answer("\\u0062"));

    assertThat(harvest(null).answered()).isEqualTo(2);
    Files.delete(output);
    harvest(GIVEN_UP);
    assertThat(OwnError.read(Files.readString(own).lines().toList().getFirst().getBytes(UTF_8)))
        .isEqualTo(new OwnError("ü \"q\"", GIVEN_UP));
  }

  @Test
  void copiesLongRequestsAmongThousands() throws IOException {
    List<String> requests = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      String line = request("r-" + i).replace("\"x\"", "\"" + "é".repeat(i % 700) + "\"");
      requests.add(i % 1000 == 3 ? line.replace("small", "s".repeat(600_000)) : line);
      (i % 3 == 0 ? rest : answers).add(i % 3 == 0 ? requests.getLast() : answer("r-" + i));
    }
    part(requests.toArray(String[]::new));
    write(output, answers.reversed().toArray(String[]::new));

    assertThat(harvest(null).again()).isEqualTo(rest.size());
    assertThat(Files.readAllLines(again)).isEqualTo(rest);
  }

  @Test
  void rejectsInvalidPart() throws IOException {
    Path part = part(request("a"), "{\"custom_id\":7}");

    assertThatThrownBy(() -> harvest(null)).hasMessage(part + " line 2 is not a request.");
    assertThat(again).doesNotExist();
  }

  private Path part(String... lines) throws IOException {
    return Requests.write(folder, lines);
  }

  private static void write(Path file, String... lines) throws IOException {
    Files.write(file, List.of(lines));
  }

  private Harvested harvest(@Nullable Reason givenUp) throws IOException {
    return harvest(line -> null, givenUp);
  }

  private Harvested harvest(RefusedLines lastWord, @Nullable Reason givenUp) throws IOException {
    return sort(new Harvest.Unfinished(lastWord, givenUp, givenUp));
  }

  @Test
  void sumsPromptTokensOfResults() throws IOException {
    Path file = Requests.write(folder, request("a"), request("b"), request("c"));
    String counted = answer("a").replace("{}", "{\"usage\":{\"prompt_tokens\":40}}");
    String other = answer("b").replace("{}", "{\"usage\":{\"input_tokens\":-7}}");
    Path answers =
        Files.writeString(
            folder.resolve("answers.jsonl"),
            String.join("\n", counted, counted, other, failure("c", 400)) + "\n");

    try (Harvest harvest = Harvest.open(file, List.of(answers))) {
      assertThat(harvest.prompts()).isEqualTo(new Prompts(1, 40));
    }
  }

  private Harvested sort(Harvest.Unfinished unfinished) throws IOException {
    try (Harvest harvest = open()) {
      return harvest.sort(unfinished, MediaTokens.OPENAI, again, own);
    }
  }

  private Harvest open() throws IOException {
    return Harvest.open(folder.resolve("input.jsonl"), List.of(output, error));
  }

  private FoundAnswers found() throws IOException {
    try (Harvest harvest = open()) {
      return harvest.found();
    }
  }
}
