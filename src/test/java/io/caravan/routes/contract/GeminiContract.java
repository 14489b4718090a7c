package io.caravan.routes.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.fake.FakeGemini;
import io.caravan.routes.fake.ProviderFake;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The contract for Gemini, with files or inline requests. */
abstract class GeminiContract extends ProviderContract {
  final FakeGemini gemini;
  private final boolean inline;

  GeminiContract(boolean inline) throws IOException {
    this.inline = inline;
    gemini = new FakeGemini(inline);
  }

  @Override
  ProviderFake provider() {
    return gemini;
  }

  /** An expired batch returns no answers. */
  @Override
  boolean deliversWhatRanBeforeExpiry() {
    return false;
  }

  @Test
  void translatesEmbeddingsAndPassesNativeLinesThrough() throws IOException {
    long before = uploads();
    caravan()
        .drop(
            "mixed.jsonl",
            Line.embedding("e-1", "embed one").replace("all-MiniLM-L6-v2", "embedder"),
            "{\"key\":\"k/2\",\"request\":{\"model\":\"gemini-x\",\"contents\":[{\"parts\":[{\"text\":\"native one\"}]}],\"safetySettings\":[]}}",
            Line.chat("c-3", "translated one"),
            Line.chat("c-4", "x").replace("\"messages\"", "\"logit_bias\":{},\"messages\""));

    Outcome outcome = caravan().awaitReport("mixed").counts(4, 3, 1);

    assertThat(outcome.resultIds()).containsExactly("e-1", "k/2", "c-3");
    JsonNode embedding = outcome.results().getFirst().at("/response/body");
    assertThat(embedding.at("/data/0/embedding/1").asDouble()).isEqualTo(-0.25);
    assertThat(embedding.at("/usage/prompt_tokens").asInt()).isEqualTo(5);
    assertThat(outcome.results().get(1).at("/response/body/candidates/0/finishReason").asText())
        .isEqualTo("STOP");
    JsonNode chat = outcome.results().get(2).at("/response/body");
    assertThat(chat.at("/choices/0/message/content").asText()).isEqualTo("Yes.");
    assertThat(chat.at("/usage/completion_tokens").asInt()).isEqualTo(6);
    assertThat(outcome.messageOf("c-4")).contains("line 4", "body.logit_bias");
    assertThat(gemini.createdWith("native one"))
        .containsExactly(
            "{\"key\":\"1\",\"request\":{\"contents\":[{\"parts\":[{\"text\":\"native one\"}]}],\"safetySettings\":[]}}\n");
    assertThat(gemini.createdWith("embed one"))
        .containsExactly(
            "{\"key\":\"1\",\"request\":{\"content\":{\"parts\":[{\"text\":\"embed one\"}]}}}\n");
    assertThat(uploads() - before).isEqualTo(inline ? 0 : 6); // two calls per part, three parts
    assertThat(outcome.report().at("/parts/0/uploads").asInt()).isEqualTo(inline ? 0 : 1);
    assertThat(gemini.heard())
        .allSatisfy(call ->
            assertThat(call.headers())
                .containsKey("x-goog-api-key")
                .doesNotContainKeys("authorization", "caravanowner"));
  }

  private long uploads() {
    return gemini.heard().stream().filter(call -> call.path().startsWith("/upload/")).count();
  }
}
