package io.caravan.routes.contract;

import static io.caravan.routes.Line.chat;
import static io.caravan.routes.Line.chats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Fault;
import io.caravan.routes.fake.ProviderFake;
import io.caravan.routes.fake.ProviderFake.Step;
import io.caravan.routes.fake.TestTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * The contract of every provider: files in OpenAI's format with the shipped routes. A new provider
 * is complete when a subclass with its fake passes.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
public abstract class ProviderContract {
  private static final String TOKEN = "operators-only-0123456789";
  public static final String KEY = "a-secret-of-ours-0123456789";

  private final TestTime time = new TestTime();
  private ProviderFake provider;
  private TestCaravan caravan;

  /** Returns a started fake of the provider. */
  abstract ProviderFake provider() throws IOException;

  TestCaravan caravan() {
    return caravan;
  }

  /** Whether an expired batch still returns its answers. */
  boolean deliversWhatRanBeforeExpiry() {
    return true;
  }

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    provider = provider();
    caravan =
        TestCaravan.in(folder)
            .with("caravan.poll.not-found-grace", "1s")
            .withClock(time)
            .with("caravan.poll.answers-grace", "10m")
            .with("caravan.delete-provider-files", true)
            .with("caravan.retention", "1ms")
            .with("caravan.operator.token", TOKEN);
    provider.settings().forEach(caravan::with);
    String name = provider.settings().get("caravan.provider");
    caravan
        .with("caravan.providers.%s.api-key".formatted(name), KEY)
        .with("caravan.providers.%s.list-lag".formatted(name), "100ms")
        .start();
  }

  @AfterAll
  void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  @AfterEach
  void mend() {
    provider.mend();
    provider.stall(false);
  }

  @Test
  void answersEachRequestAndDeletesItsFiles(CapturedOutput output) throws IOException {
    String odd = "wei\u00df/1 \"x\" .";
    caravan.drop(
        "good.jsonl",
        chat(odd, "good one"),
        chat("refuse me", "refuse me"),
        chat("r-3", "good three"));

    Outcome outcome = caravan.awaitReport("good").counts(3, 2, 1);

    assertThat(outcome.resultIds()).containsExactly(odd, "r-3");
    assertThat(outcome.results()).allSatisfy(ProviderContract::isCompletion);
    assertThat(outcome.errorOf("refuse me").at("/response/status_code").asInt()).isEqualTo(400);
    assertThat(outcome.errorOf("refuse me").at("/response/body/error/message").asText())
        .isNotEmpty();
    assertThat(outcome.report().at("/usage/total_tokens").asInt()).isPositive();
    assertThat(provider.created("good one")).isEqualTo(1);
    await("its files are deleted").until(() -> provider.stored("good one") == 0);
    assertThat(output.getAll()).doesNotContain(KEY);
  }

  private static void isCompletion(JsonNode line) {
    assertThat(line.at("/response/status_code").asInt()).isEqualTo(200);
    JsonNode body = line.at("/response/body");
    assertThat(body.path("object").asText()).isEqualTo("chat.completion");
    assertThat(body.at("/choices/0/message/role").asText()).isEqualTo("assistant");
    assertThat(body.at("/choices/0/message/content").asText()).isNotEmpty();
    assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    JsonNode usage = body.path("usage");
    assertThat(usage.path("total_tokens").asInt())
        .isPositive()
        .isEqualTo(usage.path("prompt_tokens").asInt() + usage.path("completion_tokens").asInt());
  }

  @Test
  void resendsOnlyExpiredRequests() throws IOException {
    provider.expireNext(1);
    caravan.drop("expired.jsonl", chats("expired", 3));

    caravan.awaitReport("expired").counts(3, 3, 0);

    assertThat(
            Stream.of("expired 1", "expired 2", "expired 3")
                .mapToLong(text -> provider.created(text)))
        .containsExactlyInAnyOrder(
            deliversWhatRanBeforeExpiry() ? new Long[] {1L, 1L, 2L} : new Long[] {2L, 2L, 2L});
  }

  @Test
  void paysOnceAfterALostCreateAnswer() throws IOException {
    provider.next(Step.CREATE, Fault.dropped());
    caravan.drop("lost.jsonl", chats("lost", 2));
    caravan.awaitReport("lost").counts(2, 2, 0);
    provider.next(Step.CREATE, Fault.doneBut(500));
    provider.next(Step.LIST, Fault.refused(503, "{}"), Fault.dropped());
    caravan.drop("told-500.jsonl", chats("told", 3));
    caravan.awaitReport("told-500").counts(3, 3, 0);

    assertThat(provider.created("lost 1")).isEqualTo(1);
    assertThat(provider.created("told 1")).isEqualTo(1);
  }

  @Test
  void retriesTemporaryFailures() throws IOException {
    for (Step step : Step.values()) {
      provider.next(step, Fault.limited("0.1"), Fault.refused(503, "busy"), Fault.limited("0"));
    }
    caravan.drop("busy.jsonl", chats("busy", 2));

    caravan.awaitReport("busy").counts(2, 2, 0);

    assertThat(provider.created("busy 1")).isEqualTo(1);
  }

  @Test
  void pausesOnRefusedKeyAndResumes(CapturedOutput output) throws IOException {
    for (Step step : Step.values()) {
      provider.next(step, provider.refusedKey());
    }
    caravan.drop("key.jsonl", chats("key", 2));

    caravan.awaitReport("key").counts(2, 2, 0);

    assertThat(output.getAll())
        .contains("refuses access", "is available again")
        .doesNotContain(KEY);
    assertThat(provider.created("key 1")).isEqualTo(1);
  }

  @Test
  void repeatsTruncatedDownloads() throws IOException {
    provider.next(Step.RESULTS, Fault.cut(300), Fault.cutUnannounced(300), Fault.dropped());
    caravan.drop("cut.jsonl", chats("cut", 3));

    caravan.awaitReport("cut").counts(3, 3, 0);
  }

  @Test
  void retriesCountedButMissingAnswers() throws IOException {
    provider.next(
        Step.RESULTS,
        Fault.page(),
        Fault.changed(body -> ""),
        Fault.changed(body -> Fault.error("Try again.", "odd") + "\n"),
        Fault.page());
    caravan.drop("late.jsonl", chats("late", 3));

    caravan.awaitReport("late").counts(3, 3, 0);

    assertThat(provider.created("late 1")).isEqualTo(1);
  }

  @Test
  void reportsLostPaidAnswersWithoutResending() throws IOException {
    provider.next(Step.RESULTS, Stream.generate(Fault::page).limit(2000).toArray(Fault[]::new));
    caravan.drop("never.jsonl", chats("never", 3));

    await("its batch").until(() -> provider.created("never 1") == 1);
    time.shiftUntil(() -> !caravan.outcomes("never").isEmpty());
    Outcome outcome = caravan.awaitReport("never").counts(3, 0, 3);

    assertThat(outcome.errorIds())
        .allSatisfy(id -> assertThat(outcome.codeOf(id)).isEqualTo("answers_not_found"));
    assertThat(provider.created("never 1")).isEqualTo(1);
  }

  @Test
  void brokenResultLineFailsOnlyItsRequest() throws IOException {
    if (!provider.hasResultLines()) {
      return;
    }
    provider.next(Step.RESULTS, Fault.changed(ProviderContract::withBrokenSecondLine));
    caravan.drop("broken.jsonl", chats("broken", 3));

    Outcome outcome = caravan.awaitReport("broken").counts(3, 2, 1);

    JsonNode broken = outcome.errorOf(outcome.errorIds().getFirst());
    assertThat(broken.at("/error/code").asText()).isEqualTo("unreadable_answer");
    assertThat(broken.path("answer").asText()).startsWith("{").endsWith("]");
    assertThat(provider.created("broken 1")).isEqualTo(1);
  }

  private static String withBrokenSecondLine(String lines) {
    String[] each = lines.split("\n", -1);
    each[1] = each[1].substring(0, each[1].length() - 1) + "]";
    return String.join("\n", each);
  }

  @Test
  void acceptsAlmostJsonAnswers() throws IOException {
    provider.next(Step.RESULTS, Fault.changed(body -> body.replaceFirst("\\{", "{\"score\":NaN,")));
    caravan.drop("nan.jsonl", chats("nan", 3));

    caravan.awaitReport("nan").counts(3, 3, 0);

    assertThat(provider.created("nan 1")).isEqualTo(1);
  }

  @Test
  void cancelsBatchForOperator() throws Exception {
    long before = provider.cancels();
    provider.stall(true);
    caravan.drop("cancelled.jsonl", chats("cancelled", 2));
    await("its batch").until(() -> provider.created("cancelled 1") == 1);
    String job = caravan.newestJob(TOKEN);

    assertThat(caravan.operate("POST", "/" + job + "/cancel", TOKEN).statusCode()).isEqualTo(200);

    Outcome outcome = caravan.awaitReport("cancelled");
    assertThat(outcome.errorIds())
        .isNotEmpty()
        .allSatisfy(id -> assertThat(outcome.codeOf(id)).endsWith("_cancelled"));
    assertThat(provider.cancels()).isGreaterThan(before);
    assertThat(provider.created("cancelled 1")).isEqualTo(1);
  }

  @Test
  void neverPaysAgainForALostBatch() throws IOException {
    provider.stall(true);
    caravan.drop("gone.jsonl", chats("gone", 2));
    await("its batch").until(() -> provider.created("gone 1") == 1);

    provider.loseBatches();

    Outcome outcome = caravan.awaitReport("gone").counts(2, 0, 2);
    assertThat(outcome.codeOf("r-1")).isEqualTo("batch_not_found");
    assertThat(provider.created("gone 1")).isEqualTo(1);
  }

  @Test
  @Tag("thorough")
  void resumesBatchAfterRestart() throws IOException {
    provider.stall(true);
    caravan.drop("restarted.jsonl", chats("restarted", 2));
    await("its batch").until(() -> provider.created("restarted 1") == 1);

    caravan.stop();
    provider.stall(false);
    caravan.start();

    caravan.awaitReport("restarted").counts(2, 2, 0);
    assertThat(provider.created("restarted 1")).isEqualTo(1);
  }
}
