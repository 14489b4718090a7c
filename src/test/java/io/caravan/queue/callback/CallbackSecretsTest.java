package io.caravan.queue.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.caravan.client.UnfitSettingsException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class CallbackSecretsTest {
  private static final String OLD = secret(1);
  private static final String NEW = secret(2);
  private static final String BODY = "{\"type\":\"request.completed\",\"text\":\"ä\"}";

  private static String secret(int seed) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) seed);
    return "whsec_" + Base64.getEncoder().encodeToString(key);
  }

  private static CallbackSecrets secrets(Map<String, Object> values) {
    var environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new MapPropertySource("test", values));
    return new CallbackSecrets(environment);
  }

  private static void verify(String secret, String signature, long seconds)
      throws WebhookVerificationException {
    new Webhook(secret)
        .verify(
            BODY,
            Map.of(
                "webhook-id", List.of("msg_1"),
                "webhook-timestamp", List.of("" + seconds),
                "webhook-signature", List.of(signature)));
  }

  @Test
  void signsSoThatTheLibraryVerifies() throws WebhookVerificationException {
    CallbackSecrets secrets = secrets(Map.of("CARAVAN_CALLBACK_SECRET_TEAM_A", NEW));
    long now = Instant.now().getEpochSecond();

    String signature = secrets.sign("team-a", "msg_1", now, BODY);

    verify(NEW, signature, now);
    assertThatThrownBy(() -> verify(OLD, signature, now))
        .isInstanceOf(WebhookVerificationException.class);
    assertThatThrownBy(() -> verify(NEW, signature, now + 1))
        .as("another time")
        .isInstanceOf(WebhookVerificationException.class);
  }

  /** The example of the specification's reference libraries. */
  @Test
  void signsLikeOtherLibraries() {
    CallbackSecrets secrets =
        secrets(Map.of("CARAVAN_CALLBACK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));

    assertThat(
            secrets.sign("", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @ParameterizedTest
  @CsvSource({"' '", "','", "', '", "'\n'"})
  void signsWithBothSecretsDuringRotation(String between) throws WebhookVerificationException {
    CallbackSecrets secrets = secrets(Map.of("CARAVAN_CALLBACK_SECRET", NEW + between + OLD));
    long now = Instant.now().getEpochSecond();

    String signature = secrets.sign("", "msg_1", now, BODY);

    assertThat(signature.split(" ", -1)).hasSize(2).allMatch(it -> it.startsWith("v1,"));
    verify(NEW, signature, now);
    verify(OLD, signature, now);
  }

  @Test
  void keepsClientsApart() {
    CallbackSecrets secrets = secrets(Map.of("CARAVAN_CALLBACK_SECRET", NEW));

    assertThat(secrets.has("")).isTrue();
    assertThat(secrets.has("team-a")).isFalse();
    assertThat(CallbackSecrets.variable("team.a/ä")).isEqualTo("CARAVAN_CALLBACK_SECRET_TEAM_A__");
    assertThatThrownBy(() -> secrets.sign("team-a", "msg_1", 1, BODY))
        .hasMessage("CARAVAN_CALLBACK_SECRET_TEAM_A is not set");
  }

  @Test
  void rejectsSecretOfTwoClients() {
    var values =
        Map.<String, Object>of(
            "caravan.server.keys[team-a]", "hash",
            "caravan.server.keys[team_a]", "hash",
            "CARAVAN_CALLBACK_SECRET_TEAM_A", NEW);

    assertThatThrownBy(() -> secrets(values))
        .isInstanceOf(UnfitSettingsException.class)
        .hasMessage(
            "CARAVAN_CALLBACK_SECRET_TEAM_A would be the secret of two clients, team-a and team_a.");
    assertThatCode(() ->
            secrets(
                Map.of(
                    "caravan.server.keys[team-a]", "hash",
                    "caravan.server.keys[team_a]", "hash")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "'', is empty",
    "secret-word, does not have the form whsec_BASE64",
    "whsec_***, does not have the form whsec_BASE64",
    "whsec_c2hvcnQ=, has 5 bytes; a secret needs 24 to 64",
  })
  void rejectsOtherValuesWithoutNamingThem(String value, String problem) {
    assertThatThrownBy(() -> secrets(Map.of("CARAVAN_CALLBACK_SECRET_X", value)))
        .isInstanceOf(UnfitSettingsException.class)
        .hasMessage("CARAVAN_CALLBACK_SECRET_X %s.".formatted(problem));
  }
}
