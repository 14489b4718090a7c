package io.caravan.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The server's API keys, as SHA-256 hashes. Keys are random, so guessing is infeasible without a
 * slow hash.
 */
public final class ApiKeys {
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-fA-F]{64}");

  private final byte[] own;
  private final Map<String, byte[]> owners = new LinkedHashMap<>();

  /**
   * @param own the key of Caravan's own pipelines; empty for none
   * @param keys SHA-256 hash of each client's key, by the name of the client
   */
  public ApiKeys(String own, Map<String, String> keys) {
    this.own = own.isEmpty() ? new byte[0] : hash(own);
    keys.forEach((name, hash) -> owners.put(name, checked(name, hash)));
  }

  /** Whether there are no keys, so that requests need none. */
  public boolean none() {
    return owners.isEmpty();
  }

  /** Whether it is the key of Caravan's own pipelines. */
  public boolean isOwn(String key) {
    return MessageDigest.isEqual(own, hash(key));
  }

  /** The client with that key; compares with all, so that the response time reveals nothing. */
  public Optional<String> ownerOf(String key) {
    byte[] shown = hash(key);
    Optional<String> owner = Optional.empty();
    for (var known : owners.entrySet()) {
      if (MessageDigest.isEqual(known.getValue(), shown)) {
        owner = Optional.of(known.getKey());
      }
    }
    return owner;
  }

  /** Rejects limits of unknown keys, since the key that was meant would have none. */
  public void checkNames(Set<String> limited) {
    for (String name : limited) {
      if (!owners.containsKey(name)) {
        throw new UnfitSettingsException(
            "caravan.client.limits.%s limits an unknown key.".formatted(name),
            "Use one of the names under caravan.server.keys (%s), or add it there."
                .formatted(String.join(", ", owners.keySet())));
      }
    }
  }

  private static byte[] checked(String name, String hash) {
    if (!SHA_256.matcher(hash.strip()).matches()) {
      throw new UnfitSettingsException(
          "caravan.server.keys.%s is not a SHA-256 hash: it needs 64 hexadecimal digits."
              .formatted(name),
          "Make a key with \"openssl rand -hex 24\", keep it, and set what \"echo -n KEY | sha256sum\" gives.");
    }
    return HexFormat.of().parseHex(hash.strip());
  }

  private static byte[] hash(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
