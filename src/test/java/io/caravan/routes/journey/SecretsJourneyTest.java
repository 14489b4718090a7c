package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.caravan.routes.Line;
import io.caravan.routes.TestCaravan;
import io.caravan.testkit.ScriptedProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests that no key is logged when all libraries log at their finest level. */
@Tag("thorough")
@ExtendWith(OutputCaptureExtension.class)
class SecretsJourneyTest {
  private static final String KEY = "sk-canary-5f0c1e";
  private static final String TOKEN = "operator-canary-0123456789";
  private static final String EVENTS = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktMDAwMQ==";
  private static final String OLD_EVENTS = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktMDAwMg==";

  @Test
  void logsNoKeyAtAnyLevel(CapturedOutput output, @TempDir Path folder) throws IOException {
    try (ScriptedProvider provider = new ScriptedProvider();
        TestCaravan caravan =
            TestCaravan.in(folder)
                .with("caravan.provider", "openai")
                .with("caravan.providers.openai.base-url", provider.url())
                .with("caravan.providers.openai.api-key", KEY)
                .with("caravan.operator.token", TOKEN)
                .with("caravan.poll.max", "1h")
                .with("caravan.webhooks.openai-secret", EVENTS + " " + OLD_EVENTS)
                .with("logging.level.root", "TRACE")
                .with("logging.level.io.caravan", "TRACE")
                .start()) {
      provider.stall().report(URI.create(caravan.address() + "/webhooks/openai"), OLD_EVENTS);
      caravan.drop("x.jsonl", Line.chats("x", 1));
      await().until(() -> !provider.batches().isEmpty());
      provider.release();
      caravan.awaitReport("x").counts(1, 1, 0);
      caravan.operate("GET", "?limit=1", TOKEN);
    } finally {
      ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
      ((Logger) LoggerFactory.getLogger("io.caravan")).setLevel(Level.INFO);
    }

    assertThat(output.getAll()).contains("TRACE").contains("/v1/batches");
    assertThat(output.getAll().contains(KEY)).as("the provider's key").isFalse();
    assertThat(output.getAll().contains(TOKEN)).as("the operators' token").isFalse();
    assertThat(output.getAll()).contains("event=batch.completed");
    for (String secret : List.of(EVENTS, OLD_EVENTS)) {
      assertThat(output.getAll().contains(secret)).as("a secret of events").isFalse();
      assertThat(output.getAll().contains(secret.substring(6))).as("its key").isFalse();
    }
  }
}
