package io.caravan.provider;

import io.caravan.job.CannotStartException;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * A provider as it is set up: where it is, who we are there, and what it takes in one batch.
 *
 * @param dialect the family of routes that speaks to it, such as {@code openai}
 * @param baseUrl what its paths are appended to, ending in the version ({@code …/v1})
 * @param apiKey sent as bearer; blank when a gateway in front adds it
 * @param apiKeyVariable the environment variable to name when the key is missing
 * @param keyless no key is ever needed
 * @param endpoints the values of {@code url} that it takes in a batch
 * @param maxRequests the most requests in one batch
 * @param maxBytes the largest input file
 * @param maxEmbeddingInputs the most texts to embed in one batch, over all of its requests
 * @param maxBatches the most batches in flight at once
 * @param listLag how long after an unclear call its list may not show yet what came of it
 * @param keyHeader where the key is sent; as bearer in {@code Authorization}
 * @param version of the API, where a header names it
 * @param maxTokens the longest answer, where a request has to say and does not
 * @param nativeAnswers keep its own answer beside the one in OpenAI's shape
 * @param maxInlineBytes up to where requests go inside the call that creates their batch, where
 *     that can be chosen; 0 for never
 * @param quirks where it differs from the provider whose dialect it speaks
 * @param queueLimits how many prompt tokens may wait for a model; what is not said is learned
 */
public record Provider(
    @NotBlank String dialect,
    @NotNull URI baseUrl,
    @DefaultValue("") String apiKey,
    @DefaultValue("") String apiKeyVariable,
    boolean keyless,
    @DefaultValue("") String organization,
    @DefaultValue("") String project,
    @NotEmpty Set<String> endpoints,
    @Positive int maxRequests,
    @NotNull DataSize maxBytes,
    @Positive int maxEmbeddingInputs,
    @Positive int maxBatches,
    @NotNull Duration listLag,
    @DefaultValue("Authorization") String keyHeader,
    @DefaultValue("") String version,
    @DefaultValue("4096") @Positive int maxTokens,
    boolean nativeAnswers,
    @DefaultValue("0B") DataSize maxInlineBytes,
    @DefaultValue @Valid Quirks quirks,
    @DefaultValue Map<String, @Positive Long> queueLimits) {

  private static final Set<String> NEVER_WITHOUT_KEY =
      Set.of(
          "api.openai.com",
          "api.anthropic.com",
          "api.deepinfra.com",
          "api.groq.com",
          "api.together.xyz",
          "api.mistral.ai",
          "generativelanguage.googleapis.com");

  /** Bytes. */
  private static final int ALIAS = 4;

  private static final String AZURE = ".openai.azure.com";

  /** Fails when calls to this provider cannot work for want of a host or a key. */
  void check(String name) {
    String host = baseUrl.getHost();
    if (host == null) {
      throw new CannotStartException(
          "No host for provider %s.".formatted(name),
          "Set caravan.providers.%s.base-url to a URL such as https://HOST/v1; for azure, AZURE_OPENAI_ENDPOINT to such as https://NAME.openai.azure.com."
              .formatted(name));
    }
    if (!keyless
        && apiKey.isBlank()
        && (NEVER_WITHOUT_KEY.contains(host) || host.endsWith(AZURE))) {
      throw new CannotStartException(
          "No key for provider %s.".formatted(name),
          "Set %s, or set CARAVAN_PROVIDER=local to use the embedded server."
              .formatted(apiKeyVariable));
    }
  }

  /** The base URL without a slash at its end, and with one where somebody wrote two. */
  public String base() {
    return baseUrl.toString().replaceAll("/+$", "").replaceAll("(?<!:)//+", "/");
  }

  /**
   * Some digits of the key's hash, which tell it from others and not what it is; null without one.
   */
  public @Nullable String keyAlias() {
    if (apiKey.isBlank()) {
      return null;
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(apiKey.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, ALIAS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Never shows the key, nor a password in the URL. */
  @Override
  public String toString() {
    return "%s at %s".formatted(dialect, base().replaceFirst("//[^/@]*@", "//"));
  }
}
