package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Fault;
import io.caravan.routes.fake.StoredFile;
import io.caravan.routes.fake.TestTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that unusual or missing answers of a provider are not paid for twice. */
class PaidOnceJourneyTest {
  private static final TestTime time = new TestTime();
  private static CountingProvider provider;
  private static TestCaravan caravan;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    provider = new CountingProvider(1).withBatchesOf(Duration.ZERO);
    caravan = TestCaravan.in(folder).withClock(time).at(provider).start();
  }

  @AfterAll
  static void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  @AfterEach
  void behave() {
    provider.forgetFaults();
    provider.withIds(id -> id).spoilingOutput(lines -> lines);
  }

  private static Fault[] without(String member, int times) {
    UnaryOperator<String> change =
        body -> body.replaceAll("\"%s\":\"[^\"]*\"".formatted(member), "\"" + member + "\":null");
    return Stream.generate(() -> Fault.changed(change)).limit(times).toArray(Fault[]::new);
  }

  @Test
  void waitsForFileIds() throws IOException {
    provider.onRetrieve(without("output_file_id", 5));
    caravan.drop("lagging.jsonl", Line.chats("lagging", 4));

    caravan.awaitReport("lagging").counts(4, 4, 0);

    assertThat(bought("lagging")).isEqualTo(1);
  }

  @Test
  void givesUpOnMissingFileIds() throws IOException {
    provider.onRetrieve(without("output_file_id", 2000));
    caravan.drop("never.jsonl", Line.chats("never", 4));
    await("its batch").until(() -> bought("never") == 1);
    time.shiftUntil(() -> !caravan.outcomes("never").isEmpty());

    Outcome outcome = caravan.awaitReport("never").counts(4, 0, 4);

    assertThat(outcome.codeOf("r-1")).isEqualTo("answers_not_found");
    assertThat(outcome.messageOf("r-1"))
        .startsWith("never.jsonl line 1: the provider counts 4 requests as completed, but 0 of its")
        .contains("may have been paid for", "batch_", "caravan retry");
    assertThat(bought("never")).isEqualTo(1);
  }

  @Test
  void waitsUntilTheProviderHasProcessedAFile() throws IOException {
    UnaryOperator<String> pending = body -> body.replace("\"processed\"", "\"pending\"");
    provider.onUpload(Fault.changed(pending));
    provider.onFile(Fault.changed(pending), Fault.changed(pending));
    caravan.drop("pending.jsonl", Line.chats("pending", 4));

    caravan.awaitReport("pending").counts(4, 4, 0);

    assertThat(bought("pending")).isEqualTo(1);
    assertThat(provider.calls("file")).isGreaterThanOrEqualTo(3);
  }

  @Test
  void acceptsAnyId() throws IOException {
    provider.withIds(id -> "gs://bucket/../%41?x=1#\u00fc &" + id + "o".repeat(640));
    int uploads = provider.calls("upload");
    caravan.drop("ids.jsonl", Line.chats("ids", 4));

    caravan.awaitReport("ids").counts(4, 4, 0);

    assertThat(bought("ids")).isEqualTo(1);
    assertThat(provider.calls("upload") - uploads).isEqualTo(1);
  }

  @Test
  void matchesIdsReturnedAsNumbers() throws IOException {
    provider.spoilingOutput(
        lines -> lines.stream().map(line -> line.replace("\"101\"", "101")).toList());
    caravan.drop("numbers.jsonl", Line.chat("101", "numbers 1"), Line.chat("x", "numbers 2"));

    Outcome outcome = caravan.awaitReport("numbers").counts(2, 2, 0);

    assertThat(outcome.resultIds()).containsExactly("101", "x");
    assertThat(outcome.results().getFirst().path("custom_id").isTextual()).isTrue();
    assertThat(bought("numbers")).isEqualTo(1);
  }

  /** It is unknown which requests the provider counts, so none is resent. */
  @Test
  void resendsNothingThatMayHaveBeenPaidFor() throws IOException {
    provider.spoilingOutput(lines -> lines.subList(0, lines.size() - 1));
    caravan.drop("short.jsonl", Line.chats("short", 4));
    await("its batch").until(() -> bought("short") == 1);
    time.shiftUntil(() -> !caravan.outcomes("short").isEmpty());

    Outcome outcome = caravan.awaitReport("short").counts(4, 3, 1);

    assertThat(Set.of("answers_not_found"))
        .isEqualTo(Set.of(outcome.codeOf(outcome.errorIds().getFirst())));
    assertThat(bought("short")).isEqualTo(1);
  }

  @Test
  void resendsErrorsInsideSuccessfulAnswers() throws IOException {
    provider.spoilingOutput(PaidOnceJourneyTest::firstIsOverloaded);
    caravan.drop("overloaded.jsonl", Line.chats("overloaded", 3));

    caravan.awaitReport("overloaded").counts(3, 3, 0);

    assertThat(provider.account().created(file -> has(file, "overloaded"))).isEqualTo(2);
  }

  private static List<String> firstIsOverloaded(List<String> lines) {
    if (lines.size() < 3) {
      return lines;
    }
    String error =
        "\"response\":{\"status_code\":200,\"body\":{\"error\":{\"message\":\"m\",\"code\":529}}}}";
    String first = lines.getFirst().replaceFirst("\"response\":.*", error);
    return Stream.concat(Stream.of(first), lines.stream().skip(1)).toList();
  }

  private static long bought(String about) {
    return provider.account().created(file -> has(file, about));
  }

  private static boolean has(StoredFile file, String about) {
    return file.lines().getFirst().contains("\"" + about + " ");
  }
}
