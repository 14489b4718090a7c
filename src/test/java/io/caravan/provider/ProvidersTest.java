package io.caravan.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.caravan.job.CannotStartException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class ProvidersTest {
  private static final String OPENAI = "https://api.openai.com/v1";

  @Test
  void findsProviderByName() {
    Provider local = provider("http://127.0.0.1:8080/v1", "", true);

    assertThat(new Providers(Map.of("local", local)).get("local")).isSameAs(local);
  }

  @Test
  void reportsMissingKeyWithAction() {
    var providers = new Providers(Map.of("openai", provider(OPENAI, " ", false)));

    assertThatThrownBy(() -> providers.get("openai"))
        .isInstanceOfSatisfying(
            CannotStartException.class,
            e -> {
              assertThat(e).hasMessage("No key for provider openai.");
              assertThat(e.action())
                  .isEqualTo(
                      "Set OPENAI_API_KEY, or set CARAVAN_PROVIDER=local to use the embedded"
                          + " server.");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com/v1, sk-1, false",
    "https://gateway.example.com/v1, '', false", // the gateway adds the key
    "https://api.openai.com/v1, '', true"
  })
  void acceptsConfiguredOrUnneededKey(String url, String key, boolean keyless) {
    var providers = new Providers(Map.of("openai", provider(url, key, keyless)));

    assertThat(providers.get("openai").base()).isEqualTo(url);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "gateway.example.com, '', -, false",
        "gateway.example.com, required, -, true",
        "gateway.example.com, required, true, false",
        "api.openai.com, '', -, true",
        "api.openai.com, optional, -, false",
        "api.openai.com, OPTIONAL, false, true",
        "api.openai.com, '', false, true",
        "eu.api.openai.com, '', -, true",
        "my-api.openai.com, '', -, false",
        "other.example.com, '', -, true" // the public host of another provider
      })
  void needsKeyByHostUnlessConfigured(
      String host, String key, @Nullable Boolean keyless, boolean needed) {
    var providers =
        new Providers(
            Map.of(
                "openai",
                provider("https://" + host + "/v1", "", key, keyless, "api.openai.com"),
                "other",
                provider("https://other.example.com", "k", "", null, "other.example.com")));

    assertThat(catchThrowable(() -> providers.get("openai")) != null).isEqualTo(needed);
  }

  @Test
  void neverShowsKeyWrittenInPlaceOfRequiredOrOptional() {
    var providers =
        new Providers(Map.of("openai", provider(OPENAI, "", "sk-secret", null, "api.openai.com")));

    assertThatThrownBy(() -> providers.get("openai"))
        .isInstanceOfSatisfying(
            CannotStartException.class,
            e ->
                assertThat(e.getMessage() + e.action())
                    .contains("neither required nor optional", "OPENAI_API_KEY")
                    .doesNotContain("sk-secret"));
  }

  @ParameterizedTest
  @CsvSource({
    "/openai/v1, No host for provider azure., AZURE_OPENAI_ENDPOINT",
    "https://me.openai.azure.com/openai/v1, No key for provider azure., Set "
  })
  void reportsMissingAzureSettings(String url, String problem, String action) {
    Provider azure = provider(url, "", "", null, "openai.azure.com");
    var providers = new Providers(Map.of("azure", azure));

    assertThatThrownBy(() -> providers.get("azure"))
        .isInstanceOfSatisfying(
            CannotStartException.class,
            e -> {
              assertThat(e).hasMessage(problem);
              assertThat(e.action()).contains(action);
            });
  }

  @Test
  void acceptsEndpointWithTrailingSlash() {
    assertThat(provider("https://me.openai.azure.com//openai/v1", "k", false).base())
        .isEqualTo("https://me.openai.azure.com/openai/v1");
  }

  @Test
  void listsKnownProvidersForUnknownName() {
    var providers =
        new Providers(
            Map.of("openai", provider(OPENAI, "k", false), "local", provider(OPENAI, "k", false)));

    assertThatThrownBy(() -> providers.get("opneai"))
        .isInstanceOfSatisfying(
            CannotStartException.class,
            e -> {
              assertThat(e).hasMessage("There is no provider \"opneai\".");
              assertThat(e.action())
                  .contains("CARAVAN_PROVIDER", "one of local, openai,", "config/application.yaml");
            });
  }

  @Test
  void neverShowsAKey() {
    Provider openai = provider(OPENAI, "sk-secret", false);

    assertThat(openai.toString()).isEqualTo("openai at " + OPENAI);
    assertThat(new Providers(Map.of("openai", openai)).toString()).doesNotContain("sk-secret");
  }

  @Test
  void hidesPasswordInUrl() {
    assertThat(provider("https://me:secret@gateway.example.com/v1", "", true).toString())
        .isEqualTo("openai at https://gateway.example.com/v1");
  }

  @ParameterizedTest
  @ValueSource(strings = {OPENAI, OPENAI + "/", OPENAI + "//"})
  void appendsPathsToABaseWithoutSlash(String url) {
    assertThat(provider(url, "k", false).base()).isEqualTo(OPENAI);
  }

  @Test
  void acceptsMinimalSettings() {
    var described =
        new MapConfigurationPropertySource(
            Map.of(
                "p.dialect", "openai",
                "p.base-url", "http://llm:8000/v1",
                "p.endpoints", "/v1/embeddings",
                "p.max-requests", "100",
                "p.max-bytes", "1MB"));

    Provider provider = new Binder(described).bind("p", Provider.class).get();

    assertThat(provider.apiKey()).isEmpty();
    assertThat(provider.apiKeyVariable()).isEmpty();
    assertThat(provider.organization()).isEmpty();
    assertThat(provider.project()).isEmpty();
    assertThat(new Providers(Map.of("mine", provider)).get("mine")).isSameAs(provider);
  }

  private static Provider provider(String url, String apiKey, boolean keyless) {
    return provider(url, apiKey, "", keyless ? true : null, "api.openai.com");
  }

  private static Provider provider(
      String url, String apiKey, String key, @Nullable Boolean keyless, String publicHost) {
    return new Provider(
        "openai",
        URI.create(url),
        apiKey,
        "OPENAI_API_KEY",
        key,
        keyless,
        publicHost,
        "",
        "",
        Set.of("/v1/embeddings"),
        50_000,
        DataSize.ofMegabytes(200),
        50_000,
        1_000,
        null,
        Duration.ZERO,
        "Authorization",
        "",
        1,
        false,
        DataSize.ofBytes(0),
        Quirks.NONE,
        Synchronous.PLAIN,
        Map.of());
  }
}
