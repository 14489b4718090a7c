package io.caravan.queue.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.queue.QueueSettings;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class CallbackHostsTest {
  private final CallbackHosts hosts = hosts("127.0.0.2", "[::1]", "Localhost");

  static CallbackHosts hosts(String... listed) {
    return new CallbackHosts(
        new QueueSettings(
            DataSize.ofMegabytes(1),
            DataSize.ofMegabytes(1),
            1,
            1,
            1,
            Duration.ofHours(1),
            Set.of(listed)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1/x",
        "https://10.0.0.1:8443/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1%25lo]/",
        "http://[::]/",
        "http://sub.localhost/",
        "http://169.254.169.254/latest/meta-data"
      })
  void forbidsAddressesAndThisMachine(String url) {
    assertThat(hosts.isForbidden(URI.create(url))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.2/x",
        "http://[::1]:81/",
        "http://LOCALHOST/",
        "http://localhost./",
        "https://8.8.8.8/",
        "https://hooks.example.com/a"
      })
  void permitsListedAndPublicHosts(String url) {
    assertThat(hosts.isForbidden(URI.create(url))).isFalse();
  }

  @Test
  void resolvesListedNamesToAnyAddress() throws UnknownHostException {
    assertThat(hosts.resolve("localhost")).contains(InetAddress.getLoopbackAddress());
    assertThat(hosts.resolve("127.0.0.2")).hasSize(1);
  }

  /** "127.1" and "2130706433" are 127.0.0.1. */
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1", "2130706433", "::ffff:127.0.0.1", "0.0.0.0"})
  void resolvesNoOtherName(String host) {
    assertThatThrownBy(() -> hosts.resolve(host))
        .isInstanceOf(UnknownHostException.class)
        .hasMessage(
            "host %s has no public address; an operator can permit it by caravan.queue.callback-hosts"
                .formatted(host));
  }

  @Test
  void keepsInternalNamesUnknown() {
    CallbackHosts none = hosts();

    assertThatThrownBy(() -> none.resolve("localhost"))
        .hasMessageStartingWith("host localhost has no public address;");
    assertThatThrownBy(() -> none.resolve("no-such-name.invalid"))
        .hasMessageStartingWith("host no-such-name.invalid has no public address;");
  }
}
