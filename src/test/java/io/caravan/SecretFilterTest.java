package io.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class SecretFilterTest {
  private final LoggerContext context = new LoggerContext();
  private final Logger logger = context.getLogger("x");
  private final SecretFilter filter = new SecretFilter(Set.of("canary-123"));

  private FilterReply decide(Level level, String format, Object... parameters) {
    logger.setLevel(Level.TRACE);
    return filter.decide(null, logger, level, format, parameters, null);
  }

  @Test
  void dropsMessagesWithSecrets() {
    assertThat(decide(Level.DEBUG, "the key is {}", "canary-123")).isEqualTo(FilterReply.DENY);
    assertThat(decide(Level.TRACE, "canary-123")).isEqualTo(FilterReply.DENY);
    assertThat(decide(Level.DEBUG, "nothing of the kind")).isEqualTo(FilterReply.NEUTRAL);
    assertThat(decide(Level.WARN, "as it is")).isEqualTo(FilterReply.NEUTRAL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http-outgoing-0 >> Authorization: Bearer other",
        "x-api-key: other",
        "x-goog-api-key=other",
        "{Authorization=Bearer other}",
        "\"api-key\": \"other\""
      })
  void dropsHeadersWithClientKeys(String message) {
    assertThat(decide(Level.DEBUG, message)).isEqualTo(FilterReply.DENY);
  }

  @Test
  void recognisesSecretsByName() {
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "test",
                Map.of(
                    "caravan.providers.openai.api-key", "sk-one-two",
                    "OPENAI_API_KEY", "sk-three",
                    "caravan.operator.token", "operator-token",
                    "AWS_SECRET_ACCESS_KEY", "aws-secret",
                    "caravan.database.password", "pass-word",
                    "CARAVAN_CALLBACK_SECRET_TEAM_A", "whsec_new, whsec_old",
                    "OPENAI_WEBHOOK_SECRET", "whsec_events-new whsec_events-old",
                    "caravan.webhooks.gemini-secret", "whsec_gemini-a,whsec_gemini-b",
                    "caravan.inbox", "inbox-folder")));

    assertThat(SecretFilter.secrets(environment))
        .contains("sk-one-two", "sk-three", "operator-token", "aws-secret", "pass-word")
        .contains("whsec_new", "whsec_old", "whsec_events-new", "whsec_events-old")
        .contains("whsec_gemini-a", "whsec_gemini-b")
        .doesNotContain("inbox-folder");
  }
}
