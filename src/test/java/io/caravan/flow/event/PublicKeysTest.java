package io.caravan.flow.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.caravan.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Tests when the keys that sign events are fetched. */
class PublicKeysTest {
  private static final RSAKey FIRST = key("first");
  private static final RSAKey SECOND = key("second");

  private final TestClock clock = new TestClock(Instant.parse("2027-01-31T12:00:00Z"));
  private JWKSet published = new JWKSet(FIRST.toPublicJWK());
  private boolean broken;
  private int fetches;
  private final PublicKeys keys = new PublicKeys(this::fetch, clock);

  private static RSAKey key(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private String fetch() throws IOException {
    fetches++;
    if (broken) {
      throw new IOException("broken");
    }
    return published.toString();
  }

  @Test
  void keepsKeysForAnHour() {
    for (int i = 0; i < 60; i++) {
      assertThat(keys.find("first")).isPresent();
      clock.advance(Duration.ofMinutes(1));
    }
    assertThat(fetches).isEqualTo(1);
    clock.advance(Duration.ofSeconds(1));
    published = new JWKSet(SECOND.toPublicJWK());

    assertThat(keys.find("first")).as("withdrawn").isEmpty();
    assertThat(fetches).isEqualTo(2);
  }

  @Test
  void fetchesOnceAMinuteForUnknownKeys() {
    for (int i = 0; i < 100; i++) {
      assertThat(keys.find("forged-" + i)).isEmpty();
    }
    assertThat(fetches).isEqualTo(1);
    published = new JWKSet(SECOND.toPublicJWK());
    assertThat(keys.find("second")).isEmpty();
    clock.advance(Duration.ofMinutes(1));

    assertThat(keys.find("second")).isPresent();
    assertThat(fetches).isEqualTo(2);
  }

  @Test
  void usesLastKeysForADayWhileTheyCannotBeFetched() {
    assertThat(keys.find("first")).isPresent();
    broken = true;
    clock.advance(Duration.ofHours(23));
    assertThat(keys.find("first")).isPresent();
    assertThatThrownBy(() -> keys.find("second"))
        .isInstanceOfSatisfying(
            RejectedEventException.class, it -> assertThat(it.status()).isEqualTo(503));
    clock.advance(Duration.ofHours(2));

    assertThatThrownBy(() -> keys.find("first")).isInstanceOf(RejectedEventException.class);
    broken = false;
    clock.advance(Duration.ofMinutes(1));
    assertThat(keys.find("first")).isPresent();
  }

  @Test
  void ignoresKeysForEncryption() {
    published =
        new JWKSet(new RSAKey.Builder(FIRST.toPublicJWK()).keyUse(KeyUse.ENCRYPTION).build());

    assertThat(keys.find("first")).isEmpty();
  }
}
