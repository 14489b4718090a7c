package io.caravan.queue.callback;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookSigningException;
import io.caravan.client.UnfitSettingsException;
import io.caravan.client.WebhookSecrets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.stereotype.Component;

/**
 * The secrets by which callbacks are signed, one or two for each client, from environment variables
 * or mounted files.
 */
@Component
public final class CallbackSecrets {
  /** The variable for requests without a client; that of a client ends in its name. */
  static final String VARIABLE = "CARAVAN_CALLBACK_SECRET";

  private static final int SHORTEST = 24;
  private static final int LONGEST = 64;
  private static final String ACTION =
      "Make a secret with \"echo whsec_$(openssl rand -base64 32)\". Two of them, separated by a space, are for the time"
          + " in which receivers change to the new one.";

  private final Map<String, List<Webhook>> secrets = new HashMap<>();

  CallbackSecrets(ConfigurableEnvironment environment) {
    environment.getPropertySources().stream()
        .filter(EnumerablePropertySource.class::isInstance)
        .flatMap(
            source -> List.of(((EnumerablePropertySource<?>) source).getPropertyNames()).stream())
        .filter(name -> name.equals(VARIABLE) || name.startsWith(VARIABLE + "_"))
        .distinct()
        .forEach(name -> secrets.put(name, read(name, environment.getProperty(name, ""))));
    Binder.get(environment)
        .bind("caravan.server.keys", Bindable.mapOf(String.class, String.class))
        .ifBound(keys -> requireDistinct(keys.keySet()));
  }

  /** Two clients with one secret could not tell their callbacks from those of the other. */
  private void requireDistinct(Iterable<String> clients) {
    var owners = new HashMap<String, String>();
    for (String client : clients) {
      String other = owners.put(variable(client), client);
      if (other != null && secrets.containsKey(variable(client))) {
        throw new UnfitSettingsException(
            "%s would be the secret of two clients, %s."
                .formatted(
                    variable(client), String.join(" and ", new TreeSet<>(List.of(client, other)))),
            "Rename one of them under caravan.server.keys.");
      }
    }
  }

  private static List<Webhook> read(String variable, String value) {
    List<byte[]> keys = WebhookSecrets.read(value, problem -> unfit(variable, problem));
    if (keys.isEmpty()) {
      throw unfit(variable, "is empty");
    }
    return keys.stream().map(key -> new Webhook(checked(variable, key))).toList();
  }

  private static byte[] checked(String variable, byte[] key) {
    if (key.length < SHORTEST || key.length > LONGEST) {
      throw unfit(
          variable,
          "has %d bytes; a secret needs %d to %d".formatted(key.length, SHORTEST, LONGEST));
    }
    return key;
  }

  private static UnfitSettingsException unfit(String variable, String problem) {
    return new UnfitSettingsException("%s %s.".formatted(variable, problem), ACTION);
  }

  /** The variable with the secret of a client. */
  public static String variable(String client) {
    return client.isEmpty()
        ? VARIABLE
        : VARIABLE + "_" + client.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }

  /** Whether callbacks of a client can be signed. */
  public boolean has(String client) {
    return secrets.containsKey(variable(client));
  }

  /**
   * The value of {@code webhook-signature}, with a signature for each secret.
   *
   * @param seconds the time of the attempt
   */
  public String sign(String client, String id, long seconds, String body) {
    List<Webhook> keys = secrets.get(variable(client));
    if (keys == null) {
      throw new IllegalStateException(variable(client) + " is not set");
    }
    var signatures = new ArrayList<String>();
    for (Webhook key : keys) {
      try {
        signatures.add(key.sign(id, seconds, body));
      } catch (WebhookSigningException e) {
        throw new IllegalStateException(e);
      }
    }
    return String.join(" ", signatures);
  }
}
