package io.caravan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamSettingsTest {

  @ParameterizedTest
  @ValueSource(strings = {"http://a:1", "http://a:1/", "http://a:1/v1", " http://a:1/v1/ "})
  void takesUrlsWithAndWithoutVersion(String url) {
    assertThat(settings(url).address("/v1/models")).hasToString("http://a:1/v1/models");
  }

  @Test
  void namesItsHostWithoutCredentials() {
    assertThat(settings("https://user:word@a:1/v1").host()).isEqualTo("a:1");
    assertThatIllegalArgumentException().isThrownBy(() -> settings("http://my_model:1").host());
  }

  @Test
  void keepsItsKeyToItself() {
    assertThat(settings("http://a:1").toString()).doesNotContain("sk-secret");
  }

  private static UpstreamSettings settings(String url) {
    Duration any = Duration.ofSeconds(1);
    return new UpstreamSettings(url, "sk-secret", 1, any, any, 1, any, any, any);
  }
}
