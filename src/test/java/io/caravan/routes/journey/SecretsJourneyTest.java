package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.caravan.routes.Line;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.nio.file.Path;
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

  @Test
  void logsNoKeyAtAnyLevel(CapturedOutput output, @TempDir Path folder) throws IOException {
    try (CountingProvider provider = new CountingProvider();
        TestCaravan caravan =
            TestCaravan.in(folder)
                .with("caravan.provider", "openai")
                .with("caravan.providers.openai.base-url", provider.url())
                .with("caravan.providers.openai.api-key", KEY)
                .with("caravan.operator.token", TOKEN)
                .with("logging.level.root", "TRACE")
                .start()) {
      caravan.drop("x.jsonl", Line.chats("x", 1));
      caravan.awaitReport("x").counts(1, 1, 0);
      caravan.operate("GET", "?limit=1", TOKEN);
    } finally {
      ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    }

    assertThat(output.getAll()).contains("TRACE").contains("/v1/batches");
    assertThat(output.getAll().contains(KEY)).as("the provider's key").isFalse();
    assertThat(output.getAll().contains(TOKEN)).as("the operators' token").isFalse();
  }
}
