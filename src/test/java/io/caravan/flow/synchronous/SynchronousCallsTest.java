package io.caravan.flow.synchronous;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.Logged;
import io.caravan.call.Call;
import io.caravan.jsonl.settle.AnswerLine;
import io.caravan.routes.Line;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Fault;
import io.caravan.routes.fake.SingleEndpoint.Seen;
import io.caravan.routes.fake.TestTime;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests sent one by one to a fake of OpenAI. */
class SynchronousCallsTest {
  @TempDir private Path folder;
  private CountingProvider provider;
  private TestCalls calls;

  @BeforeEach
  void start() throws IOException {
    provider = new CountingProvider();
    provider.single().priced(TestCalls.INPUT.toPlainString(), TestCalls.OUTPUT.toPlainString());
    calls = calls(Clock.systemUTC());
  }

  private TestCalls calls(Clock clock) throws IOException {
    return new TestCalls(
        folder, Map.of("caravan.providers.openai.base-url", provider.url()), clock);
  }

  @AfterEach
  void stop() throws IOException {
    calls.close();
    provider.close();
  }

  @Test
  void answersEveryRequestOnce() throws IOException {
    SynchronousOutcome outcome = calls.run(calls.order(Tier.FLEX, Line.chats("all", 60)));

    assertThat(outcome.answered()).isEqualTo(60);
    assertThat(outcome.unanswered() + outcome.refused() + outcome.repeated()).isZero();
    assertThat(provider.single().paid())
        .hasSize(60)
        .allSatisfy((name, times) -> assertThat(times).isEqualTo(1));
    assertThat(calls.answers()).hasSize(60);
    assertThat(outcome.cost()).isEqualByComparingTo(provider.single().cost());
  }

  @Test
  void writesLinesInOpenAisOutputFormat() throws IOException {
    calls.run(calls.order(Tier.FLEX, Line.chat("a \"quoted\" id", "x")));

    JsonNode line = calls.answers().getFirst();
    assertThat(line.path("custom_id").asText()).isEqualTo("a \"quoted\" id");
    assertThat(line.at("/response/status_code").asInt()).isEqualTo(200);
    assertThat(line.at("/response/request_id").asText()).isEqualTo("req-200");
    assertThat(line.at("/response/body/choices/0/message/content").asText())
        .isEqualTo("Yes.\nNow.");
    assertThat(line.path("error").isNull()).isTrue();
    assertThat(line.path("way").asText()).isEqualTo("flex");
    assertThat(line.path("service_tier").asText()).isEqualTo("flex");
  }

  @Test
  void asksForTheTierAndNeverForTheAccountsDefault() throws IOException {
    String priority =
        Line.chat("1", "x").replace("\"model\"", "\"service_tier\":\"priority\",\"model\"");
    String streamed = Line.chat("2", "y").replace("\"model\"", "\"stream\":true,\"model\"");

    calls.run(calls.order(Tier.STANDARD, priority, streamed));

    assertThat(provider.single().seen()).extracting(Seen::tier).containsOnly("default");
    assertThat(provider.single().seen())
        .extracting(seen -> seen.headers().get("authorization"))
        .containsOnly("Bearer " + TestCalls.KEY);
    assertThat(calls.answer("2").path("way").asText()).isEqualTo("standard");
  }

  @Test
  void keepsFinalErrorsAsLines() throws IOException {
    provider.single().answering((name, attempt) -> name.equals("bad") ? 400 : 200);

    SynchronousOutcome outcome =
        calls.run(calls.order(Tier.FLEX, Line.chat("1", "bad"), Line.chat("2", "good")));

    assertThat(outcome.answered()).isEqualTo(1);
    assertThat(outcome.refused()).isEqualTo(1);
    assertThat(provider.single().seen()).hasSize(2);
    byte[] line = calls.answer("1").toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    AnswerLine answer =
        java.util.Objects.requireNonNull(AnswerLine.read(line, 0, line.length), "the line");
    assertThat(answer.success() || answer.retryable()).isFalse();
  }

  @Test
  void leavesWhatFlexRefusesToTheNextTier() throws IOException {
    provider.single().withoutCapacity((name, attempt) -> name.matches(".*[13579]"));

    SynchronousOutcome outcome = calls.run(calls.order(Tier.FLEX, Line.chats("half", 40)));

    assertThat(outcome.answered()).isEqualTo(20);
    assertThat(outcome.unanswered()).isEqualTo(20);
    assertThat(outcome.lastProblem()).contains("Resource Unavailable");
    assertThat(outcome.cost()).isEqualByComparingTo(provider.single().cost());
    assertThat(calls.answers()).hasSize(20);
    assertThat(
            provider.single().seen().stream()
                .filter(seen -> seen.status() == 429)
                .collect(groupingBy(Seen::name))
                .values())
        .allSatisfy(attempts -> assertThat(attempts).hasSize(2));
  }

  @Test
  void leavesModelWithoutTheTierToTheNextOne() throws IOException {
    provider.onSingle(
        Fault.refused(
            400,
            """
            {"error":{"message":"Invalid service_tier argument.","param":"service_tier"}}\
            """));

    SynchronousOutcome outcome = calls.run(calls.order(Tier.FLEX, Line.chat("1", "x")));

    assertThat(outcome.unanswered()).isEqualTo(1);
    assertThat(outcome.lastProblem()).contains("Invalid service_tier");
    assertThat(calls.answers()).isEmpty();
  }

  @Test
  void sendsAgainAfterTemporaryFailures() throws IOException {
    provider.single().answering((name, attempt) -> attempt < 3 ? 500 : 200);

    SynchronousOutcome outcome = calls.run(calls.order(Tier.STANDARD, Line.chats("again", 6)));

    assertThat(outcome.answered()).isEqualTo(6);
    assertThat(outcome.lastProblem()).isNull();
    assertThat(provider.single().seen()).hasSize(18);
  }

  @Test
  void givesUpAfterTheLastAttempt() throws IOException {
    provider.single().answering((name, attempt) -> 503);

    SynchronousOutcome outcome = calls.run(calls.order(Tier.STANDARD, Line.chats("no", 4)));

    assertThat(outcome.unanswered()).isEqualTo(4);
    assertThat(outcome.cost()).isZero();
    assertThat(provider.single().seen()).hasSize(12);
    assertThat(calls.answers()).isEmpty();
  }

  @Test
  void honoursRetryAfter() throws IOException {
    provider.onSingle(Fault.limited("1"));
    long begun = System.nanoTime();

    SynchronousOutcome outcome = calls.run(calls.order(Tier.STANDARD, Line.chat("1", "x")));

    assertThat(outcome.answered()).isEqualTo(1);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(990));
  }

  @Test
  void stopsWhenTheKeyIsRefused() throws IOException {
    provider.breakDown(
        Fault.refused(401, Fault.error("Wrong key " + TestCalls.KEY, "invalid_api_key")));

    SynchronousOutcome outcome = calls.run(calls.order(Tier.FLEX, Line.chats("key", 500)));

    assertThat(outcome.unanswered()).isEqualTo(500);
    assertThat(outcome.lastProblem()).isEqualTo("HTTP 401: Wrong key ***");
    assertThat(provider.calls("single")).isLessThan(50);
  }

  @Test
  void stopsWithoutCredit() throws IOException {
    provider.breakDown(Fault.refused(429, Fault.error("No credit.", "insufficient_quota")));

    SynchronousOutcome outcome = calls.run(calls.order(Tier.FLEX, Line.chats("credit", 500)));

    assertThat(outcome.unanswered()).isEqualTo(500);
    assertThat(outcome.lastProblem()).contains("No credit.");
    assertThat(provider.calls("single")).isLessThan(50);
  }

  @Test
  void countsLostAnswersAsPaid() throws IOException {
    provider.onSingle(Fault.dropped());

    SynchronousOutcome outcome = calls.run(calls.order(Tier.STANDARD, Line.chat("1", "x")));

    assertThat(outcome.answered()).isEqualTo(1);
    assertThat(outcome.cost()).isGreaterThan(provider.single().cost());
  }

  @Test
  void neverExceedsTheLimitOfMoney() throws IOException {
    var purse = new Purse("0.2");
    provider.single().withAnswersOf(100);
    String[] lines = lines(60, 100);

    SynchronousOutcome outcome =
        calls.run(TestCalls.within(purse, calls.order(Tier.STANDARD, lines)));

    assertThat(outcome.outOfMoney()).isTrue();
    assertThat(outcome.answered()).isBetween(3L, 4L);
    assertThat(outcome.unanswered()).isEqualTo(60 - outcome.answered());
    assertThat(outcome.cost()).isEqualByComparingTo(provider.single().cost());
    assertThat(purse.taken()).isEqualByComparingTo(provider.single().cost());
    assertThat(purse.most()).isLessThanOrEqualTo(new BigDecimal("0.2"));
  }

  /** Calls that reserve much and cost little must not end the run too early. */
  @Test
  void spendsWhatReservationsGiveBack() throws IOException {
    var purse = new Purse("0.2");
    provider.single().withAnswersOf(1);

    SynchronousOutcome outcome =
        calls.run(TestCalls.within(purse, calls.order(Tier.STANDARD, lines(60, 200))));

    assertThat(outcome.answered()).isEqualTo(60);
    assertThat(outcome.outOfMoney()).isFalse();
    assertThat(purse.most()).isLessThanOrEqualTo(new BigDecimal("0.2"));
    assertThat(purse.taken()).isEqualByComparingTo(provider.single().cost());
  }

  private static String[] lines(int count, int maxTokens) {
    String[] lines = Line.chats("money", count);
    for (int i = 0; i < count; i++) {
      lines[i] = lines[i].replace("\"model\"", "\"max_tokens\":%d,\"model\"".formatted(maxTokens));
    }
    return lines;
  }

  @Test
  void chargesTheTierThatAnswered() throws IOException {
    provider.single().servedAs("default");

    SynchronousOutcome outcome = calls.run(calls.order(Tier.FLEX, Line.chat("1", "x")));

    assertThat(outcome.cost())
        .isEqualByComparingTo(provider.single().cost().add(provider.single().cost()));
    assertThat(calls.answer("1").path("service_tier").asText()).isEqualTo("default");
  }

  @Test
  void neverSpendsUnknownMoney() throws IOException {
    String[] lines = {Line.chat("1", "x").replace("gpt-4.1-nano", "gpt-unknown")};

    SynchronousOutcome limited =
        calls.run(TestCalls.within(new Purse("100"), calls.order(Tier.FLEX, lines)));
    SynchronousOutcome unlimited = calls.run(calls.order(Tier.FLEX, lines));

    assertThat(limited.outOfMoney()).isTrue();
    assertThat(limited.unanswered()).isEqualTo(1);
    assertThat(limited.lastProblem()).contains("no price of gpt-unknown");
    assertThat(unlimited.answered()).isEqualTo(1);
    assertThat(unlimited.unpriced()).isEqualTo(1);
    assertThat(provider.single().seen()).hasSize(1);
  }

  @Test
  void beginsNoCallWhenLate() throws IOException {
    SynchronousOrder order = calls.order(Tier.FLEX, Line.chats("late", 10));

    SynchronousOutcome outcome =
        calls.run(
            new SynchronousOrder(
                order.provider(),
                order.tier(),
                order.requests(),
                order.answers(),
                Instant.now(),
                3,
                order.gate()));

    assertThat(outcome.late()).isTrue();
    assertThat(outcome.unanswered()).isEqualTo(10);
    assertThat(provider.single().seen()).isEmpty();
  }

  @Test
  void givesUpAProviderThatAnswersNothing() throws IOException {
    calls.close();
    var time = new TestTime();
    calls = calls(time);
    provider.breakDown(call -> {
      time.shift(Duration.ofMinutes(1));
      return Fault.refused(503, Fault.error("Down.", "down")).spoil(call);
    });

    SynchronousOutcome outcome = calls.run(calls.order(Tier.STANDARD, Line.chats("down", 300)));

    assertThat(outcome.unanswered()).isEqualTo(300);
    assertThat(outcome.lastProblem()).contains("has answered no request for PT5M");
    assertThat(provider.calls("single")).isLessThan(100);
  }

  @Test
  void stopsWithinSeconds() throws IOException {
    var running = new CompletableFuture<Void>();
    var gate = new CompletableFuture<Void>();
    provider.breakDown(call -> {
      running.complete(null);
      gate.join();
      return call.get();
    });
    var stop = new Call(true);
    CompletableFuture<SynchronousOutcome> outcome =
        calls.calls().run(calls.order(Tier.FLEX, Line.chats("stop", 10)), stop);
    running.join();

    stop.cancel();

    await().atMost(Duration.ofSeconds(5)).until(outcome::isDone);
    assertThatThrownBy(outcome::join).isInstanceOf(CancellationException.class);
    assertThat(calls.answers()).isEmpty();
    gate.complete(null);
  }

  @Test
  void neverLogsTheKey() throws IOException {
    provider.onSingle(
        Fault.refused(400, Fault.error("Bad " + TestCalls.KEY, "bad")),
        Fault.refused(500, Fault.error("Bad " + TestCalls.KEY, "bad")));
    try (var log = Logged.everythingBy(SynchronousCalls.class)) {
      SynchronousOutcome outcome = calls.run(calls.order(Tier.FLEX, Line.chats("secret", 3)));

      assertThat(log.lines()).isNotEmpty().noneMatch(line -> line.contains(TestCalls.KEY));
      assertThat(outcome.toString()).doesNotContain(TestCalls.KEY);
    }
    for (String file : List.of("answers.jsonl", "answers.jsonl.begun")) {
      assertThat(Files.readString(folder.resolve(file))).doesNotContain(TestCalls.KEY);
    }
  }

  @Test
  void knowsWhatAProviderOffers() {
    SynchronousCalls offered = calls.calls();

    assertThat(offered.offers("openai", Tier.FLEX, "m", "/v1/chat/completions")).isTrue();
    assertThat(offered.offers("openai", Tier.FLEX, "m", "/v1/embeddings")).isFalse();
    assertThat(offered.offers("openai", Tier.STANDARD, "m", "/v1/embeddings")).isTrue();
    assertThat(offered.offers("anthropic", Tier.FLEX, "m", "/v1/chat/completions")).isFalse();
    assertThat(offered.offers("gemini", Tier.FLEX, "m", "/v1/chat/completions")).isTrue();
    assertThat(offered.offers("groq", Tier.FLEX, "m", "/v1/chat/completions")).isFalse();
    assertThat(offered.offers("local", Tier.STANDARD, "m", "/v1/embeddings")).isTrue();
    assertThat(offered.offers("azure", Tier.STANDARD, "batch", "/v1/embeddings")).isFalse();
    assertThat(offered.offers("nobody", Tier.STANDARD, "m", "/v1/embeddings")).isFalse();
  }
}
