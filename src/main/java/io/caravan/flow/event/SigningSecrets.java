package io.caravan.flow.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookSigningException;
import io.caravan.client.UnfitSettingsException;
import io.caravan.client.WebhookSecrets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The secrets by which one provider signs its events, and the check of these signatures by Standard
 * Webhooks 1.0.0 (HMAC-SHA256).
 */
final class SigningSecrets {
  /** The difference between the clocks, and the age of an event, that are accepted. */
  static final Duration TOLERANCE = Duration.ofMinutes(5);

  private static final int SHORTEST = 16;
  private static final int MOST_SIGNATURES = 20;

  private final List<Webhook> secrets;
  private final Clock clock;

  /**
   * @param variable the environment variable that messages name
   * @param value the secrets, separated by spaces or commas; blank for none
   */
  SigningSecrets(String variable, String value, Clock clock) {
    this.clock = clock;
    this.secrets =
        WebhookSecrets.read(value, problem -> unfit(variable, problem)).stream()
            .map(key -> new Webhook(checked(variable, key)))
            .toList();
  }

  private static byte[] checked(String variable, byte[] key) {
    if (key.length < SHORTEST) {
      throw unfit(variable, "is too short for a signing secret");
    }
    return key;
  }

  private static UnfitSettingsException unfit(String variable, String problem) {
    return new UnfitSettingsException(
        "%s %s.".formatted(variable, problem),
        "Set the signing secret that the provider showed when the webhook was created; several are separated by spaces.");
  }

  boolean none() {
    return secrets.isEmpty();
  }

  /** Fails unless one of the secrets has signed the call within the last minutes. */
  void verify(
      @Nullable String id, @Nullable String timestamp, @Nullable String signature, String body) {
    if (id == null || id.isEmpty() || timestamp == null || signature == null) {
      throw RejectedEventException.invalid(
          "The headers webhook-id, webhook-timestamp and webhook-signature are needed.");
    }
    long seconds = seconds(timestamp);
    if (Math.abs(clock.instant().getEpochSecond() - seconds) > TOLERANCE.toSeconds()) {
      throw RejectedEventException.invalid(
          "webhook-timestamp differs by more than %d s from the clock of this server."
              .formatted(TOLERANCE.toSeconds()));
    }
    boolean signed = false;
    String[] given = signature.strip().split("\\s+", MOST_SIGNATURES);
    for (Webhook secret : secrets) {
      byte[] expected = sign(secret, id, seconds, body).getBytes(UTF_8);
      for (String one : given) {
        signed |= MessageDigest.isEqual(expected, one.getBytes(UTF_8));
      }
    }
    if (!signed) {
      throw RejectedEventException.invalid("The signature is not valid.");
    }
  }

  private static long seconds(String timestamp) {
    if (!timestamp.matches("[0-9]{1,12}")) {
      throw RejectedEventException.invalid("webhook-timestamp is not a number of seconds.");
    }
    return Long.parseLong(timestamp);
  }

  private static String sign(Webhook secret, String id, long seconds, String body) {
    try {
      return secret.sign(id, seconds, body);
    } catch (WebhookSigningException e) {
      throw new IllegalStateException(e);
    }
  }
}
