package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.FakeAnthropic;
import io.caravan.routes.fake.Fault;
import io.caravan.routes.fake.ProviderFake.Step;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the shipped routes with Anthropic's Message Batches and files in OpenAI's format. */
@Tag("thorough")
class AnthropicJourneyTest {
  private static FakeAnthropic anthropic;
  private static TestCaravan caravan;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    anthropic = new FakeAnthropic();
    caravan = TestCaravan.in(folder);
    anthropic.settings().forEach(caravan::with);
    caravan
        .with("caravan.providers.anthropic.api-key", "sk-ant-1")
        .with("caravan.providers.anthropic.list-lag", "100ms")
        .with("caravan.providers.anthropic.native-answers", true)
        .with("caravan.delete-provider-files", true)
        .start();
  }

  @AfterAll
  static void stop() throws IOException {
    caravan.close();
    anthropic.close();
  }

  @Test
  void translatesRequestsAndAnswers() throws IOException {
    caravan.drop(
        "good.jsonl",
        Line.chat("weiß/1 .", "good one"),
        Line.chat("r-2", "refuse me"),
        Line.chat("r-3", "good three"));

    Outcome outcome = caravan.awaitReport("good").counts(3, 2, 1);

    assertThat(outcome.resultIds()).containsExactly("weiß/1 .", "r-3");
    JsonNode body = outcome.results().getFirst().at("/response/body");
    assertThat(body.at("/choices/0/message/content").asText()).isEqualTo("Yes.");
    assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(body.at("/usage/prompt_tokens").asInt()).isEqualTo(5);
    assertThat(outcome.report().at("/usage/total_tokens").asInt()).isEqualTo(18);
    assertThat(outcome.errorOf("r-2").at("/response/status_code").asInt()).isEqualTo(400);
    JsonNode request = anthropic.createdWith("good one").getFirst().at("/requests/0");
    assertThat(request.path("custom_id").asText()).matches("[a-zA-Z0-9_-]{1,64}");
    assertThat(request.at("/params/max_tokens").asInt()).isEqualTo(4096);
    assertThat(anthropic.heard())
        .allSatisfy(call ->
            assertThat(call.headers())
                .containsEntry("x-api-key", "sk-ant-1")
                .containsEntry("anthropic-version", "2026-10-21")
                .doesNotContainKeys("authorization", "caravanowner"));
  }

  @Test
  void passesNativeRequestsAndAnswersThrough() throws IOException {
    String params =
        """
        {"model":"claude","max_tokens":9,"thinking":{"type":"adaptive"},"messages":[{"role":"user","content":"%s"}]}\
        """;
    caravan.drop(
        "native.jsonl",
        "{\"custom_id\":\"n/1\",\"params\":%s}".formatted(params.formatted("native one")),
        Line.chat("c-2", "beside native ones"),
        "{\"custom_id\":\"n-3\",\"params\":%s}".formatted(params.formatted("refuse me")));

    Outcome outcome = caravan.awaitReport("native").counts(3, 2, 1);

    assertThat(outcome.resultIds()).containsExactly("n/1", "c-2");
    assertThat(anthropic.createdWith("native one").getFirst().at("/requests/0/params").toString())
        .isEqualTo(params.formatted("native one"));
    JsonNode answer = outcome.results().getFirst();
    assertThat(answer.at("/response/body/content/0/text").asText()).isEqualTo("Yes.");
    assertThat(answer.has("native")).isFalse();
    assertThat(outcome.results().get(1).at("/native/content/0/text").asText()).isEqualTo("Yes.");
    assertThat(outcome.errorOf("n-3").at("/response/status_code").asInt()).isEqualTo(400);
    assertThat(outcome.report().at("/usage/input_tokens").asInt()).isEqualTo(10);
  }

  @Test
  void rejectsUnsupportedRequestsBeforeSending() throws IOException {
    String two = Line.chat("r-2", "never sent").replace("\"messages\"", "\"n\":2,\"messages\"");
    caravan.drop("refused.jsonl", Line.chat("r-1", "sent"), two);

    Outcome outcome = caravan.awaitReport("refused").counts(2, 1, 1);

    assertThat(outcome.codeOf("r-2")).isEqualTo("unsupported_parameter");
    assertThat(outcome.errorOf("r-2").at("/error/message").asText()).contains("line 2", "body.n");
    assertThat(anthropic.createdWith("never sent")).isEmpty();
  }

  @Test
  void findsBatchOfLostAnswerByIdsInResults() throws IOException {
    caravan.drop("other.jsonl", Line.chat("r-1", "as many requests, but another's"));
    caravan.awaitReport("other").counts(1, 1, 0);
    anthropic.next(Step.CREATE, Fault.dropped(), Fault.doneBut(500));
    caravan.drop("lost.jsonl", Line.chat("r-1", "lost"));

    caravan.awaitReport("lost").counts(1, 1, 0);

    assertThat(anthropic.createdWith("lost")).hasSize(1);
    anthropic.mend();
  }
}
