package io.caravan.flow.synchronous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.call.Call;
import io.caravan.routes.Line;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that go on with the files of a killed process. */
class ResumeTest {
  private static final int REQUESTS = 40;
  private static final int ANSWERED = 10;

  @TempDir private Path folder;
  private final CompletableFuture<Void> held = new CompletableFuture<>();
  private CountingProvider provider;

  @BeforeEach
  void start() throws IOException {
    provider = new CountingProvider();
    provider
        .single()
        .priced(TestCalls.INPUT.toPlainString(), TestCalls.OUTPUT.toPlainString())
        .withAnswersOf(50);
  }

  @AfterEach
  void stop() throws IOException {
    held.complete(null);
    provider.close();
  }

  private TestCalls calls(String name) throws IOException {
    return new TestCalls(
        Files.createDirectories(folder.resolve(name)),
        Map.of("caravan.providers.openai.base-url", provider.url()));
  }

  private static String[] lines() {
    String[] lines = Line.chats("resume", REQUESTS);
    for (int i = 0; i < lines.length; i++) {
      lines[i] = lines[i].replace("\"model\"", "\"max_tokens\":50,\"model\"");
    }
    return lines;
  }

  /** Leaves a folder as a kill would, when ten requests are answered and others in flight. */
  private Path killed() throws IOException {
    var answered = new AtomicInteger();
    provider.breakDown(call -> {
      if (answered.incrementAndGet() > ANSWERED) {
        held.join();
      }
      return call.get();
    });
    Path copy = Files.createDirectories(folder.resolve("second"));
    try (TestCalls first = calls("first")) {
      SynchronousOrder order = first.order(Tier.FLEX, lines());
      var stop = new Call(true);
      var outcome = first.calls().run(order, stop);
      await().until(() -> answered.get() > ANSWERED && count(order.journal(), "answered") == 10);
      Files.copy(order.answers(), copy.resolve("answers.jsonl"));
      Files.copy(order.journal(), copy.resolve("answers.jsonl.begun"));
      stop.cancel();
      assertThat(outcome).failsWithin(Duration.ofSeconds(5));
      assertThat(outcome).isCancelled();
    }
    provider.mend();
    return copy;
  }

  private static long count(Path journal, String word) throws IOException {
    return Files.exists(journal)
        ? Files.readString(journal).lines().filter(line -> line.startsWith(word)).count()
        : 0;
  }

  @Test
  void asksNothingAgainThatWasAnswered() throws IOException {
    Path copy = killed();
    long inFlight = count(copy.resolve("answers.jsonl.begun"), "begun") - ANSWERED;
    int aborted = provider.calls("single") - ANSWERED; // heard, and held
    List<String> before = Files.readAllLines(copy.resolve("answers.jsonl"));
    Files.writeString(
        copy.resolve("answers.jsonl"),
        before.getFirst().substring(0, 99),
        StandardOpenOption.APPEND);
    Files.writeString(copy.resolve("answers.jsonl.begun"), "answered 3", StandardOpenOption.APPEND);
    try (TestCalls second = calls("second")) {
      SynchronousOutcome outcome = second.run(second.order(Tier.FLEX, lines()));

      assertThat(outcome.answered()).isEqualTo(REQUESTS);
      assertThat(outcome.unanswered()).isZero();
      assertThat(outcome.repeated()).isEqualTo(inFlight).isPositive();
      assertThat(second.answers()).hasSize(REQUESTS);
      assertThat(Files.readAllLines(copy.resolve("answers.jsonl")))
          .startsWith(before.toArray(String[]::new));
    }
    held.complete(null);
    await().until(() -> provider.single().seen().size() == REQUESTS + aborted);
    assertThat(provider.single().paid().values().stream().filter(times -> times == 2))
        .hasSize(aborted);
  }

  @Test
  void resumesOnceMoreWithoutACall() throws IOException {
    killed();
    try (TestCalls second = calls("second")) {
      SynchronousOutcome outcome = second.run(second.order(Tier.FLEX, lines()));
      int calls = provider.single().seen().size();

      SynchronousOutcome again = second.run(second.order(Tier.FLEX, lines()));

      assertThat(again).isEqualTo(outcome);
      assertThat(provider.single().seen()).hasSize(calls);
    }
  }

  @Test
  void countsMoneyOfTheKilledProcess() throws IOException {
    Path copy = killed();
    long inFlight = count(copy.resolve("answers.jsonl.begun"), "begun") - ANSWERED;
    BigDecimal answered = provider.single().cost();
    var purse = new Purse("0.3");
    try (TestCalls second = calls("second")) {
      SynchronousOutcome outcome =
          second.run(TestCalls.within(purse, second.order(Tier.FLEX, lines())));

      assertThat(outcome.outOfMoney()).isTrue();
      assertThat(purse.spentBefore()).isGreaterThan(answered);
      assertThat(purse.most()).isLessThanOrEqualTo(new BigDecimal("0.3"));
      assertThat(outcome.cost()).isEqualByComparingTo(purse.taken());
    }
    held.complete(null);
    await()
        .until(() ->
            provider.single().seen().stream().filter(seen -> seen.status() == 200).count()
                >= ANSWERED + inFlight);
    assertThat(provider.single().cost()).isLessThanOrEqualTo(new BigDecimal("0.3"));
  }

  /** The journal may lack the last answers, or be gone. */
  @Test
  void countsMoneyFromTheAnswers() throws IOException {
    Path copy = killed();
    BigDecimal answered = provider.single().cost();
    Path journal = copy.resolve("answers.jsonl.begun");
    List<String> lines = Files.readAllLines(journal);
    Files.write(
        journal,
        lines.stream()
            .filter(line -> line.startsWith("begun"))
            .filter(line ->
                lines.stream()
                    .anyMatch(it -> it.startsWith("answered " + line.split(" ", -1)[1] + " ")))
            .toList());
    var purse = new Purse("100");
    try (TestCalls second = calls("second")) {
      second.run(TestCalls.within(purse, second.order(Tier.FLEX, lines())));

      assertThat(purse.spentBefore()).isEqualByComparingTo(answered);
    }
    Files.delete(journal);
    var other = new Purse("100");
    try (TestCalls third = calls("second")) {
      SynchronousOutcome outcome =
          third.run(TestCalls.within(other, third.order(Tier.FLEX, lines())));

      assertThat(outcome.answered()).isEqualTo(REQUESTS);
      assertThat(other.spentBefore()).isGreaterThan(answered);
    }
  }
}
