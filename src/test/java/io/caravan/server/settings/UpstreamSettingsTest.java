package io.caravan.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.caravan.server.settings.UpstreamSettings.Further;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class UpstreamSettingsTest {

  @ParameterizedTest
  @ValueSource(strings = {"http://a:1", "http://a:1/", "http://a:1/v1", " http://a:1/v1/ "})
  void acceptsUrlsWithAndWithoutVersion(String url) {
    assertThat(server(url).address("/v1/models")).hasToString("http://a:1/v1/models");
  }

  @Test
  void showsHostWithoutCredentials() {
    assertThat(server("https://user:word@a:1/v1").host()).isEqualTo("a:1");
    assertThatIllegalArgumentException().isThrownBy(() -> server("http://my_model:1").host());
  }

  @Test
  void toStringDoesNotContainKeys() {
    var further = new Further("http://b:1", "sk-other", List.of("b"), null, 7);
    UpstreamSettings settings = settings("http://a:1", Map.of("b", further));

    assertThat(settings.toString() + further).doesNotContain("sk-secret", "sk-other");
  }

  @Test
  void furtherServersInheritDefaults() {
    var further = new Further("http://b:1", null, List.of("b"), null, 7);

    assertThat(settings("", Map.of("b", further)).servers())
        .containsExactly(new UpstreamServer("b", "http://b:1", null, List.of("b"), 1, 7));
  }

  private static UpstreamServer server(String url) {
    return settings(url).servers().getFirst();
  }

  public static UpstreamSettings settings(String url) {
    return settings(url, Map.of());
  }

  private static UpstreamSettings settings(String url, Map<String, Further> further) {
    Duration any = Duration.ofSeconds(1);
    return new UpstreamSettings(
        url, "sk-secret", 1, 4, 2.5, 32, any, any, 1, any, any, any, further);
  }
}
