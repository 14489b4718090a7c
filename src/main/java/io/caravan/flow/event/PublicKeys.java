package io.caravan.flow.event;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import io.caravan.flow.Reasons;
import java.io.IOException;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of a provider, by their ids. They are fetched again after an hour or for an
 * unknown id, at most once a minute, so forged ids cause few calls.
 */
final class PublicKeys {
  private static final Logger LOG = LoggerFactory.getLogger(PublicKeys.class);
  private static final Duration BETWEEN_FETCHES = Duration.ofMinutes(1);
  private static final Duration FRESH = Duration.ofHours(1);

  /** While the keys cannot be fetched, the last ones are used this long. */
  private static final Duration LONGEST_USE = Duration.ofDays(1);

  private final Source source;
  private final Clock clock;
  private final ReentrantLock fetching = new ReentrantLock();
  private volatile Fetched fetched = new Fetched(new JWKSet(), Instant.EPOCH);
  private Instant lastTry = Instant.EPOCH;

  PublicKeys(Source source, Clock clock) {
    this.source = source;
    this.clock = clock;
  }

  /** Where the keys come from. */
  @FunctionalInterface
  interface Source {
    /** Returns a JSON Web Key Set (RFC 7517). */
    String fetch() throws IOException;
  }

  /** The keys at a time. */
  private record Fetched(JWKSet keys, Instant at) {
    boolean isOlderThan(Duration age, Instant now) {
      return at.plus(age).isBefore(now);
    }
  }

  /** The RSA key with that id, if there is one. */
  Optional<RSAPublicKey> find(String id) {
    Instant now = clock.instant();
    Optional<RSAPublicKey> known = known(id, now);
    if (known.isPresent() && !fetched.isOlderThan(FRESH, now)) {
      return known;
    }
    boolean done = fetch(now);
    Optional<RSAPublicKey> found = known(id, now);
    if (found.isEmpty() && !done) {
      throw RejectedEventException.unavailable(
          "keys_unavailable", "The public keys of the provider cannot be read now.");
    }
    return found;
  }

  private Optional<RSAPublicKey> known(String id, Instant now) {
    Fetched current = fetched;
    JWK key = current.isOlderThan(LONGEST_USE, now) ? null : current.keys().getKeyByKeyId(id);
    if (!(key instanceof RSAKey rsa)
        || (key.getKeyUse() != null && !key.getKeyUse().equals(KeyUse.SIGNATURE))) {
      return Optional.empty();
    }
    try {
      return Optional.of(rsa.toRSAPublicKey());
    } catch (JOSEException e) {
      return Optional.empty();
    }
  }

  /** Fetches the keys unless that was tried just now; returns whether they are recent. */
  private boolean fetch(Instant now) {
    if (!fetching.tryLock()) {
      return false; // another call fetches them
    }
    try {
      if (!now.isBefore(lastTry) && now.isBefore(lastTry.plus(BETWEEN_FETCHES))) {
        return !fetched.isOlderThan(BETWEEN_FETCHES, now);
      }
      lastTry = now;
      fetched = new Fetched(JWKSet.parse(source.fetch()), now);
      return true;
    } catch (IOException | ParseException | RuntimeException e) {
      LOG.warn("the keys that sign webhooks cannot be read, trying again: {}", Reasons.of(e));
      return false;
    } finally {
      fetching.unlock();
    }
  }
}
