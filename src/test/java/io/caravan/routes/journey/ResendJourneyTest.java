package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Ending;
import io.caravan.routes.fake.FakeOpenAi;
import io.caravan.routes.fake.Fault;
import io.caravan.routes.fake.ProviderAccount;
import io.caravan.routes.fake.TestTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests resending of unanswered requests and waiting for full queues. */
class ResendJourneyTest {
  private static CountingProvider provider;
  private static TestCaravan caravan;
  private static final AtomicInteger files = new AtomicInteger();
  private static final TestTime time = new TestTime();

  private String stem;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    provider = new CountingProvider(1);
    caravan =
        TestCaravan.in(folder)
            .withClock(time)
            .at(provider)
            .with("caravan.providers.openai.max-requests", 10)
            .with("caravan.poll.not-found-grace", "300ms")
            .with("caravan.poll.answers-grace", "10m")
            .start();
  }

  @AfterAll
  static void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  @BeforeEach
  void behave() {
    stem = "f" + files.incrementAndGet();
    time.shift(Duration.ofHours(2)); // forgets limits learned in the previous test
    provider
        .withQueueOf(Long.MAX_VALUE)
        .withListLag(Duration.ZERO)
        .withBatchesOf(Duration.ofMillis(50))
        .ending(ids -> Ending.COMPLETED)
        .answering((id, times) -> 200)
        .spoilingOutput(lines -> lines);
  }

  static Stream<Ending> endings() {
    return Stream.of(
        Ending.expired(4),
        Ending.cancelled(4),
        Ending.withoutTheRest(4),
        Ending.failed("server_error", "The batch failed for a reason of ours."));
  }

  @ParameterizedTest
  @MethodSource("endings")
  void resendsUnansweredRequests(Ending first) throws IOException {
    provider.ending(atFirst(first));
    drop(9);

    Outcome outcome = caravan.awaitReport(stem).counts(9, 9, 0);

    assertThat(outcome.resultIds()).isEqualTo(ids(9));
    assertThat(outcome.report().path("attempts").asInt()).isEqualTo(2);
    assertThat(outcome.report().path("parts"))
        .extracting(p -> p.path("name").asText())
        .containsExactly("1", "1.1");
    assertThat(outcome.report().at("/parts/1/attempt").asInt()).isEqualTo(2);
    assertPaidOnce(9);
  }

  @Test
  void resendsOnlyTemporaryFailures() throws IOException {
    provider.answering((id, times) ->
        switch (id.substring(id.indexOf('-'))) {
          case "-1" -> times == 1 ? 429 : 200;
          case "-2" -> times <= 2 ? 500 : 200;
          case "-3" -> 400;
          default -> 200;
        });
    drop(5);

    Outcome outcome = caravan.awaitReport(stem).counts(5, 4, 1);

    assertThat(outcome.errorIds()).containsExactly(stem + "-3");
    assertThat(outcome.errors().getFirst().at("/response/status_code").asInt()).isEqualTo(400);
    assertThat(outcome.errors().getFirst().has("attempts")).isFalse();
    assertThat(outcome.report().path("attempts").asInt()).isEqualTo(3);
    assertThat(Stream.of("-1", "-2", "-3", "-4").map(this::sent)).containsExactly(2L, 3L, 1L, 1L);
    assertPaidOnce(5);
  }

  @Test
  void reportsTheLastAttempt() throws IOException {
    provider.answering((id, times) -> id.endsWith("-2") ? 429 : 200);
    drop(3);

    Outcome outcome = caravan.awaitReport(stem).counts(3, 2, 1);

    assertThat(outcome.errors().getFirst().path("attempts").asInt()).isEqualTo(3);
    assertThat(outcome.errors().getFirst().at("/response/status_code").asInt()).isEqualTo(429);
    assertThat(sent("-2")).isEqualTo(3);
  }

  @Test
  void reportsUnprocessedRequestsWithTheirLine() throws IOException {
    provider.ending(ids -> Ending.cancelled(ids.contains(stem + "-1") ? 1 : 0));
    drop(2);

    Outcome outcome = caravan.awaitReport(stem).counts(2, 1, 1);

    assertThat(outcome.codeOf(stem + "-2")).isEqualTo("batch_cancelled");
    assertThat(outcome.messageOf(stem + "-2")).startsWith(stem + ".jsonl line 2: ");
    assertThat(outcome.errorOf(stem + "-2").path("attempts").asInt()).isEqualTo(3);
  }

  @Test
  void resendsNoLostPaidRequests() throws IOException {
    Fault gone = Fault.refused(404, Fault.error("No such File object.", "null"));
    provider.onContent(Collections.nCopies(500, gone).toArray(Fault[]::new));
    int before = provider.calls("content");
    drop(2);
    await("tries").until(() -> provider.calls("content") > before + 1);
    time.shift(Duration.ofMinutes(11));

    Outcome outcome = caravan.awaitReport(stem).counts(2, 0, 2);
    provider.onContentNothing();

    assertThat(outcome.codeOf(stem + "-1")).isEqualTo("answers_not_found");
    assertThat(sent("-1")).isEqualTo(1);
  }

  @Test
  void repeatsSilentlyTruncatedDownload() throws IOException {
    provider.onContent(Fault.cutUnannounced(10), Fault.cutUnannounced(0), Fault.cut(5));
    drop(3);

    caravan.awaitReport(stem).counts(3, 3, 0);
    assertPaidOnce(3);
  }

  @Test
  void settlesOutputWithRepeatedAndUnknownIds() throws IOException {
    provider.spoilingOutput(lines ->
        Stream.concat(
                Stream.concat(lines.stream(), lines.stream()),
                Stream.of(FakeOpenAi.answered("nobody"), "{\"cut"))
            .toList());
    drop(3);

    Outcome outcome = caravan.awaitReport(stem).counts(3, 3, 0);
    assertThat(outcome.report().path("notes").toString()).contains("nobody", "answered before");
  }

  @Test
  void queuesPartsWhenTheProviderIsFull() throws IOException {
    provider.withQueueOf(tokensOf(10) * 3 / 2).withBatchesOf(Duration.ofMillis(400));
    drop(40);

    Outcome outcome = caravan.awaitReport(stem).counts(40, 40, 0);

    assertThat(outcome.resultIds()).isEqualTo(ids(40));
    assertThat(outcome.report().path("parts")).hasSize(4);
    assertThat(outcome.report().path("attempts").asInt()).as("waiting is no attempt").isEqualTo(1);
    assertThat(turnedAway(outcome)).isBetween(1, 6);
    assertPaidOnce(40);
  }

  @Test
  void splitsPartAboveTheQueueLimit() throws IOException {
    provider.withQueueOf(tokensOf(10) * 2 / 3);
    drop(10);

    Outcome outcome = caravan.awaitReport(stem).counts(10, 10, 0);

    assertThat(outcome.resultIds()).isEqualTo(ids(10));
    assertThat(outcome.report().at("/parts/0/status").asText()).isEqualTo("divided");
    assertThat(outcome.report().path("parts").size()).isGreaterThanOrEqualTo(3);
    assertPaidOnce(10);
  }

  @Test
  void waitsWhenACreateFindsTheQueueFull() throws IOException {
    String said = Fault.error("No room.", "token_limit_exceeded");
    provider.onCreate(Fault.refused(400, said), Fault.limited("0.1"), Fault.refused(429, said));
    drop(2);

    Outcome outcome = caravan.awaitReport(stem).counts(2, 2, 0);

    assertThat(turnedAway(outcome)).isEqualTo(2);
    assertPaidOnce(2);
  }

  @Test
  void waitsForListLagBeforeCreatingAgain() throws IOException {
    provider.withListLag(Duration.ofMillis(80)).onCreate(Fault.dropped(), Fault.NONE);
    drop(2);

    caravan.awaitReport(stem).counts(2, 2, 0);

    assertThat(sent("-1")).isEqualTo(1);
    assertPaidOnce(2);
  }

  @Test
  void endsJobAfterMaxWaitWithItsAnswers() throws IOException {
    provider.withBatchesOf(Duration.ofHours(1));
    drop(4);
    await().until(() -> sent("-1") == 1);

    time.shift(Duration.ofHours(73));
    Outcome outcome = caravan.awaitReport(stem).counts(4, 2, 2);
    time.shift(Duration.ofHours(-73));

    assertThat(outcome.codeOf(stem + "-4")).isEqualTo("deadline_exceeded");
    assertThat(sent("-4")).isEqualTo(1);
    assertPaidOnce(2);
  }

  @Test
  void continuesWhenTheClockIsSetBack() throws IOException {
    provider.withBatchesOf(Duration.ofMillis(800));
    drop(2);
    await().until(() -> sent("-1") == 1);

    time.shift(Duration.ofHours(-2));
    try {
      caravan.awaitReport(stem).counts(2, 2, 0);
    } finally {
      time.shift(Duration.ofHours(2));
    }
    assertPaidOnce(2);
  }

  private Function<List<String>, Ending> atFirst(Ending first) {
    var batches = new AtomicInteger();
    return ids -> batches.getAndIncrement() == 0 ? first : Ending.COMPLETED;
  }

  private void drop(int requests) throws IOException {
    caravan.drop(
        stem + ".jsonl",
        ids(requests).stream().map(id -> Line.chat(id, "about " + stem)).toArray(String[]::new));
  }

  private List<String> ids(int requests) {
    return IntStream.rangeClosed(1, requests).mapToObj(i -> stem + "-" + i).toList();
  }

  private long tokensOf(int requests) {
    return ProviderAccount.tokens(
        ids(requests).stream().map(id -> Line.chat(id, "about " + stem)).toList());
  }

  private static int turnedAway(Outcome outcome) {
    int times = 0;
    for (var part : outcome.report().path("parts")) {
      times += part.path("turned_away").asInt();
    }
    return times;
  }

  /** The number of batches that contained a request. */
  private long sent(String ending) {
    return provider.account().batches().stream()
        .filter(batch -> batch.customIds().contains(stem + ending))
        .count();
  }

  private void assertPaidOnce(int requests) {
    Map<String, Long> paid = provider.account().paid();
    assertThat(ids(requests).stream().map(id -> paid.getOrDefault(id, 0L)))
        .allMatch(times -> times <= 1);
  }
}
