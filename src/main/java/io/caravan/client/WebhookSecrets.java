package io.caravan.client;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/** Reads secrets in the form of Standard Webhooks 1.0.0, {@code whsec_BASE64}, from a setting. */
public final class WebhookSecrets {
  private static final String PREFIX = "whsec_";

  private WebhookSecrets() {}

  /**
   * The keys of the secrets in a value, separated by spaces or commas; none if it is blank.
   *
   * @param unfit makes the exception for a problem with one of them, which shows none
   */
  public static List<byte[]> read(String value, Function<String, UnfitSettingsException> unfit) {
    var keys = new ArrayList<byte[]>();
    for (String secret : value.strip().split("[\\s,]+", -1)) {
      if (!secret.isEmpty()) {
        try {
          keys.add(
              Base64.getDecoder()
                  .decode(secret.startsWith(PREFIX) ? secret.substring(PREFIX.length()) : "-"));
        } catch (IllegalArgumentException e) {
          throw unfit.apply("does not have the form whsec_BASE64");
        }
      }
    }
    return keys;
  }
}
