package io.caravan.flow.synchronous;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.FakeAnthropic;
import io.caravan.routes.fake.FakeGemini;
import io.caravan.routes.fake.Fault;
import io.caravan.routes.fake.ProviderFake;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.SingleEndpoint.Seen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests sent one by one to providers of each dialect. */
class DialectsTest {
  @TempDir private Path folder;

  private TestCalls calls(ProviderFake fake, String... more) throws IOException {
    var settings = new HashMap<>(fake.settings());
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return new TestCalls(folder, settings);
  }

  private static String chat(String customId, String model, String text) {
    return Line.chat(customId, text).replace("gpt-4.1-nano", model);
  }

  private static JsonNode body(Call call) {
    return Outcome.parse(new String(call.body(), StandardCharsets.UTF_8));
  }

  @Test
  void asksAnthropic() throws IOException {
    try (var fake = new FakeAnthropic();
        TestCalls calls = calls(fake)) {
      SynchronousOutcome outcome =
          calls.run(
              TestCalls.to(
                  "anthropic",
                  calls.order(
                      Tier.STANDARD,
                      chat("1", "claude-x", "hello"),
                      chat("2", "claude-x", "refuse me"),
                      """
                      {"custom_id":"3","method":"POST","url":"/v1/messages","body":{"model":\
                      "claude-x","max_tokens":5,"stream":true,"messages":[]}}\
                      """)));

      assertThat(outcome.answered()).isEqualTo(2);
      assertThat(outcome.refused()).isEqualTo(1);
      assertThat(outcome.cost()).isEqualByComparingTo("0.0042"); // 2 x (5 in, 4 out)
      assertThat(calls.answer("1").at("/response/body/choices/0/message/content").asText())
          .isEqualTo("Yes.");
      assertThat(calls.answer("1").path("service_tier").asText()).isEqualTo("standard");
      assertThat(calls.answer("2").at("/response/status_code").asInt()).isEqualTo(400);
      assertThat(calls.answer("2").at("/response/body/error/type").asText())
          .isEqualTo("invalid_request_error");
      assertThat(calls.answer("3").at("/response/body/content/0/text").asText()).isEqualTo("Yes.");
      assertThat(fake.heard())
          .allSatisfy(call -> {
            assertThat(call.path()).isEqualTo("/v1/messages");
            assertThat(call.headers()).containsEntry("x-api-key", TestCalls.KEY);
            assertThat(call.headers()).containsKey("anthropic-version");
            assertThat(body(call).path("service_tier").asText()).isEqualTo("standard_only");
            assertThat(body(call).has("stream")).isFalse();
          });
    }
  }

  @Test
  void asksGemini() throws IOException {
    try (var fake = new FakeGemini(false);
        TestCalls calls = calls(fake)) {
      SynchronousOutcome outcome =
          calls.run(
              TestCalls.to(
                  "gemini",
                  calls.order(
                      Tier.FLEX,
                      chat("1", "gemini-2.5-flash", "hello"),
                      chat("2", "gemini-2.5-flash", "refuse me"),
                      """
                      {"custom_id":"3","method":"POST","url":"/v1beta/generateContent","body":{\
                      "model":"gemini-2.5-flash","contents":[]}}\
                      """,
                      Line.embedding("4", "x"))));

      assertThat(outcome.answered()).isEqualTo(2);
      assertThat(outcome.refused()).isEqualTo(1);
      assertThat(outcome.unanswered()).isEqualTo(1);
      assertThat(outcome.lastProblem()).isEqualTo("/v1/embeddings has no flex tier");
      assertThat(outcome.cost()).isEqualByComparingTo("0.0027"); // 2 x half of (3 in, 6 out)
      assertThat(calls.answer("1").at("/response/body/choices/0/message/content").asText())
          .isEqualTo("Yes.");
      assertThat(calls.answer("1").path("service_tier").asText()).isEqualTo("flex");
      assertThat(calls.answer("2").at("/response/status_code").asInt()).isEqualTo(400);
      assertThat(calls.answer("3").at("/response/body/candidates").isArray()).isTrue();
      assertThat(fake.heard())
          .allSatisfy(call -> {
            assertThat(call.path()).isEqualTo("/v1beta/models/gemini-2.5-flash:generateContent");
            assertThat(call.headers()).containsEntry("x-goog-api-key", TestCalls.KEY);
            assertThat(body(call).path("service_tier").asText()).isEqualTo("flex");
            assertThat(body(call).has("model")).isFalse();
          });
    }
  }

  /** A line that was not sent costs nothing, also after a restart. */
  @Test
  void refusesWhatCannotBeTranslated() throws IOException {
    String odd = chat("1", "claude-x", "x").replace("\"model\"", "\"n\":2,\"model\"");
    try (var fake = new FakeAnthropic();
        TestCalls calls = calls(fake)) {
      SynchronousOrder order =
          TestCalls.within(
              new Purse("1"), TestCalls.to("anthropic", calls.order(Tier.STANDARD, odd)));
      SynchronousOutcome outcome = calls.run(order);

      assertThat(outcome.refused()).isEqualTo(1);
      assertThat(calls.answer("1").at("/error/code").asText()).isEqualTo("unsupported_parameter");
      assertThat(fake.heard()).isEmpty();
      assertThat(calls.run(order)).isEqualTo(outcome);
    }
  }

  @Test
  void embedsWithGemini() throws IOException {
    try (var fake = new FakeGemini(false);
        TestCalls calls = calls(fake)) {
      String line = Line.embedding("1", "x").replace("all-MiniLM-L6-v2", "gemini-2.5-flash");

      SynchronousOutcome outcome =
          calls.run(TestCalls.to("gemini", calls.order(Tier.STANDARD, line)));

      assertThat(outcome.answered()).isEqualTo(1);
      assertThat(calls.answer("1").at("/response/body/data/0/embedding/0").asDouble())
          .isEqualTo(0.5);
      assertThat(fake.heard().getFirst().path())
          .isEqualTo("/v1beta/models/gemini-2.5-flash:embedContent");
      assertThat(body(fake.heard().getFirst()).has("service_tier")).isFalse();
    }
  }

  /** Gemini's flex tier sheds requests with 503. */
  @Test
  void leavesWhatGeminiSheds() throws IOException {
    try (var server = new CountingProvider();
        var calls =
            new TestCalls(folder, Map.of("caravan.providers.gemini.base-url", server.url()))) {
      server.breakDown(Fault.refused(503, "{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}}"));

      SynchronousOutcome outcome =
          calls.run(
              TestCalls.to(
                  "gemini", calls.order(Tier.FLEX, chat("1", "gemini-2.5-flash", "hello"))));

      assertThat(outcome.unanswered()).isEqualTo(1);
      assertThat(outcome.cost()).isZero();
    }
  }

  @Test
  void callsAnotherDeploymentOfAzure() throws IOException {
    try (var server = new CountingProvider();
        var calls =
            new TestCalls(
                folder,
                Map.of(
                    "caravan.providers.azure.base-url",
                    server.url().replace("/v1", "/openai/v1"),
                    "caravan.providers.azure.synchronous.models[gpt-4.1-nano]",
                    "plain"))) {
      SynchronousOutcome outcome =
          calls.run(
              TestCalls.to(
                  "azure",
                  calls.order(Tier.FLEX, Line.chat("1", "x"), chat("2", "only-for-batches", "y"))));

      assertThat(calls.calls().offers("azure", Tier.FLEX, "gpt-4.1-nano", "/v1/chat/completions"))
          .isTrue();
      assertThat(outcome.answered()).isEqualTo(1);
      assertThat(outcome.unanswered()).isEqualTo(1);
      assertThat(outcome.lastProblem()).contains("only-for-batches takes batches only");
      assertThat(server.single().seen())
          .extracting(Seen::tier, seen -> seen.headers().get("api-key"))
          .containsExactly(org.assertj.core.groups.Tuple.tuple("flex", TestCalls.KEY));
      assertThat(calls.answer("1").at("/response/body/model").asText()).isEqualTo("plain");
    }
  }

  @Test
  void neverSendsTheTierToOtherHosts() throws IOException {
    try (var server = new CountingProvider();
        var calls =
            new TestCalls(folder, Map.of("caravan.providers.local.base-url", server.url()))) {
      SynchronousOutcome outcome =
          calls.run(TestCalls.to("local", calls.order(Tier.STANDARD, Line.chats("local", 3))));

      assertThat(outcome.answered()).isEqualTo(3);
      assertThat(outcome.cost()).isZero();
      assertThat(outcome.unpriced()).isZero();
      assertThat(server.single().seen()).extracting(Seen::tier).containsOnly("");
    }
  }
}
