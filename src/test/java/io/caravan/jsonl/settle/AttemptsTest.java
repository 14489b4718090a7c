package io.caravan.jsonl.settle;

import static io.caravan.jsonl.Requests.RULES;
import static io.caravan.jsonl.Requests.answer;
import static io.caravan.jsonl.Requests.failure;
import static io.caravan.jsonl.Requests.limits;
import static io.caravan.jsonl.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.jsonl.Reason;
import io.caravan.jsonl.Requests;
import io.caravan.jsonl.split.Division;
import io.caravan.jsonl.split.PartFile;
import io.caravan.jsonl.split.Split;
import io.caravan.jsonl.split.Splitter;
import io.caravan.jsonl.tokens.MediaTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sends thousands of requests, each up to three times, with random outcomes. */
class AttemptsTest {
  private static final int REQUESTS = 3_000;
  private static final int ATTEMPTS = 3;
  private static final Reason REFUSED = new Reason("refused", "refused by name.");
  private static final Reason GIVEN_UP = new Reason("given_up", "given up.");

  @TempDir private Path folder;
  private final List<AnswerFile> answers = new ArrayList<>();
  private final Map<String, String> lines = new LinkedHashMap<>(); // expected output by custom_id
  private Random random = new Random(0);

  @ParameterizedTest
  @Tag("thorough")
  @ValueSource(longs = {3, 4, 5, 6, 7, 8, 9, 10})
  void writesOneOutcomePerRequestForMoreSeeds(long seed) throws IOException {
    writesOneOutcomePerRequest(seed);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void writesOneOutcomePerRequest(long seed) throws IOException {
    random = new Random(seed);
    List<String> input = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      lines.put("r-" + i, "");
      input.add(requestOfAnySize("r-" + i, (int) seed * 8));
    }
    Path file = Requests.write(folder, input.toArray(String[]::new));
    Split split =
        new Splitter(RULES, limits(20 + random.nextInt(700), 9_999 + random.nextInt(99_999)))
            .split(file, "in.jsonl", folder);
    for (PartFile part : split.parts()) {
      send(part.file(), "part-" + part.number(), 1);
    }

    Path results = folder.resolve("results.jsonl");
    Path errors = folder.resolve("errors.jsonl");
    Collections.shuffle(answers, random);
    Settled settled =
        new Settlement(folder, "in.jsonl", answers, Reason.NOT_ANSWERED).settle(results, errors);

    assertThat(Files.readAllLines(results))
        .isEqualTo(lines.values().stream().filter(this::good).toList());
    assertThat(Files.readAllLines(errors))
        .isEqualTo(lines.values().stream().filter(l -> !good(l)).toList());
    assertThat(settled.results() + settled.errors()).isEqualTo(REQUESTS);
    assertThat(settled.notes()).isEmpty();

    Path failed = folder.resolve("failed.jsonl");
    assertThat(
            new FailedRequests(folder, file, results)
                .write(failed, folder.resolve("columns"))
                .failed())
        .isEqualTo((int) settled.errors());
    assertThat(Files.readAllLines(failed))
        .isEqualTo(input.stream().filter(l -> !good(lines.getOrDefault(id(l), ""))).toList());
  }

  private String requestOfAnySize(String id, int models) {
    String endpoint = random.nextInt(4) == 0 ? "/v1/responses" : "/v1/embeddings";
    return request(id, endpoint, "m-" + random.nextInt(models))
        .replace("\"x\"", '"' + "x".repeat(random.nextInt(200)) + '"');
  }

  private void send(Path part, String name, int attempt) throws IOException {
    List<String> requests = Files.readAllLines(part);
    List<Integer> refused = new ArrayList<>();
    List<String> given = new ArrayList<>();
    List<String> unfinished = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      String id = id(requests.get(i));
      switch (random.nextInt(5)) {
        case 0 -> given.add(expect(id, answer(id)));
        case 1 -> given.add(expect(id, attempts(failure(id, 400), attempt), failure(id, 400)));
        case 2 -> {
          given.add(expect(id, attempts(failure(id, 503), attempt), failure(id, 503)));
          unfinished.add(requests.get(i));
        }
        case 3 -> {
          refused.add(i + 1);
          expect(id, own(id, REFUSED, attempt));
        }
        default -> {
          expect(id, own(id, GIVEN_UP, attempt));
          unfinished.add(requests.get(i));
        }
      }
    }
    Collections.shuffle(given, random);
    int cut = random.nextInt(given.size() + 1);
    Path output = Files.write(folder.resolve(name + ".output"), given.subList(0, cut));
    Path error = Files.write(folder.resolve(name + ".error"), given.subList(cut, given.size()));
    Path again = folder.resolve(name + ".again");
    Path own = folder.resolve(name + ".own");
    Reason last = attempt == ATTEMPTS ? GIVEN_UP : null;
    RefusedLines lastWord = line -> refused.contains((int) line) ? REFUSED : null;
    Harvested harvested;
    try (Harvest harvest = Harvest.open(part, List.of(output, error))) {
      harvested =
          harvest.sort(
              new Harvest.Unfinished(lastWord, last, last), MediaTokens.OPENAI, again, own);
    }

    assertThat(harvested.again() + harvested.givenUp()).isEqualTo(unfinished.size());
    assertThat(harvested.answered() + harvested.refused())
        .isEqualTo(requests.size() - unfinished.size());
    answers.add(new AnswerFile(output, attempt, null, false));
    answers.add(new AnswerFile(error, attempt, null, false));
    if (Files.exists(own)) {
      answers.add(new AnswerFile(own, attempt, null, true));
    }
    if (Files.exists(again)) {
      assertThat(Files.readAllLines(again)).isEqualTo(unfinished);
      for (Division.Piece piece :
          new Division(again, 200, 1, MediaTokens.OPENAI)
              .divide(n -> folder.resolve(name + "." + n))) {
        send(piece.file(), piece.file().getFileName().toString(), attempt + 1);
      }
    }
  }

  private String expect(String id, String line) {
    return expect(id, line, line);
  }

  /** Records the final outcome of a request unless it is retried; returns its answer line. */
  private String expect(String id, String line, String given) {
    assertThat(lines).containsKey(id);
    lines.put(id, line);
    return given;
  }

  private static String attempts(String line, int attempt) {
    return attempt == 1 ? line : line.replaceAll("}$", ",\"attempts\":" + attempt + "}");
  }

  private static String own(String id, Reason reason, int attempt) {
    int line = Integer.parseInt(id.substring(2)) + 1;
    return attempts(
        """
        {"id":null,"custom_id":"%s","response":null,"error":{"code":"%s",\
        "message":"in.jsonl line %s: %s","line":%s}}\
        """
            .formatted(id, reason.code(), line, reason.message(), line),
        attempt);
  }

  private boolean good(String line) {
    return line.contains("\"status_code\":200");
  }

  private static String id(String line) {
    return Stream.of(line.split("\"", -1))
        .filter(word -> word.startsWith("r-"))
        .findFirst()
        .orElseThrow();
  }
}
