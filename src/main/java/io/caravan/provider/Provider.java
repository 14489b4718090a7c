package io.caravan.provider;

import io.caravan.job.CannotStartException;
import io.caravan.jsonl.split.LineRule;
import io.caravan.jsonl.tokens.MediaTokens;
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
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The settings of a provider: address, credentials, limits of a batch.
 *
 * @param dialect the family of routes that calls it, such as {@code openai}
 * @param baseUrl the URL that paths are appended to, such as {@code https://HOST/v1}
 * @param apiKey the key; blank if a gateway adds it
 * @param apiKeyVariable the environment variable that messages name if the key is missing
 * @param key whether a key is needed: {@code required}, {@code optional}, or blank: only at a
 *     public host. Text, since Spring's message would show a key that was written here.
 * @param keyless another name of {@code key}; if set, it wins
 * @param publicHost the provider's own host, also with a name in front, which needs a key; blank if
 *     unknown
 * @param endpoints the values of {@code url} that are accepted in a batch
 * @param maxRequests the most requests in one batch
 * @param maxBytes the largest input file
 * @param maxEmbeddingInputs the most texts to embed in one batch, over all of its requests
 * @param maxBatches the most batches in flight at once
 * @param batchWindow after which the provider drops a batch with all its answers; null if it keeps
 *     the finished ones
 * @param listLag after an unclear call, how long the list may take to show what the call created
 * @param keyHeader the header of the key; {@code Authorization} sends it as bearer token
 * @param version of the API, if it is sent in a header
 * @param maxTokens {@code max_tokens} of requests that must set it and do not
 * @param nativeAnswers whether to keep its own answer beside the translated one
 * @param maxInlineBytes requests below this size go inside the call that creates their batch, if
 *     the API allows that; 0 for never
 * @param quirks differences from the provider whose dialect it has
 * @param synchronous how it answers requests outside of a batch
 * @param queueLimits prompt tokens that may be queued, by model; other limits are learned
 */
public record Provider(
    @NotBlank String dialect,
    @NotNull URI baseUrl,
    @DefaultValue("") String apiKey,
    @DefaultValue("") String apiKeyVariable,
    @DefaultValue("") String key,
    @Nullable Boolean keyless,
    @DefaultValue("") String publicHost,
    @DefaultValue("") String organization,
    @DefaultValue("") String project,
    @NotEmpty Set<String> endpoints,
    @Positive int maxRequests,
    @NotNull DataSize maxBytes,
    @Positive int maxEmbeddingInputs,
    @Positive int maxBatches,
    @Nullable Duration batchWindow,
    @NotNull Duration listLag,
    @DefaultValue("Authorization") String keyHeader,
    @DefaultValue("") String version,
    @DefaultValue("4096") @Positive int maxTokens,
    boolean nativeAnswers,
    @DefaultValue("0B") DataSize maxInlineBytes,
    @DefaultValue @Valid Quirks quirks,
    @DefaultValue Synchronous synchronous,
    @DefaultValue Map<String, @Positive Long> queueLimits) {

  private static final String REQUIRED = "required";
  private static final String OPTIONAL = "optional";
  private static final Map<String, Dialect> DIALECTS =
      ServiceLoader.load(Dialect.class, Dialect.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .collect(Collectors.toUnmodifiableMap(Dialect::name, dialect -> dialect));

  /** Bytes of the hash. */
  private static final int ALIAS = 4;

  public Provider {
    if (keyless != null) {
      key = keyless ? OPTIONAL : key.equalsIgnoreCase(OPTIONAL) ? "" : key;
    }
  }

  /** Fails if the host is missing, or a key that this provider requires. */
  void check(String name, Collection<Provider> all) {
    if (!key.isBlank() && !isRequired() && !isFree()) {
      throw new CannotStartException(
          "caravan.providers.%s.key is neither required nor optional.".formatted(name),
          "Set it to one of these. The key itself belongs in %s.".formatted(apiKeyVariable));
    }
    String host = baseUrl.getHost();
    if (host == null) {
      throw new CannotStartException(
          "No host for provider %s.".formatted(name),
          "Set caravan.providers.%s.base-url to a URL such as https://HOST/v1; for azure, set AZURE_OPENAI_ENDPOINT."
              .formatted(name));
    }
    if (apiKey.isBlank() && needsKey(host, all)) {
      throw new CannotStartException(
          "No key for provider %s.".formatted(name),
          "Set %s, or set CARAVAN_PROVIDER=local to use the embedded server."
              .formatted(apiKeyVariable));
    }
  }

  private boolean needsKey(String host, Collection<Provider> all) {
    return isRequired()
        || (key.isBlank() && all.stream().anyMatch(provider -> provider.isPublic(host)));
  }

  private boolean isRequired() {
    return key.equalsIgnoreCase(REQUIRED);
  }

  private boolean isPublic(String host) {
    return !publicHost.isEmpty() && ("." + host).endsWith("." + publicHost);
  }

  /** Whether it needs no key, and so costs nothing. */
  public boolean isFree() {
    return key.equalsIgnoreCase(OPTIONAL);
  }

  /** The base URL without a slash at its end and without repeated slashes. */
  public String base() {
    return baseUrl.toString().replaceAll("/+$", "").replaceAll("(?<!:)//+", "/");
  }

  /** The first digits of the key's hash, which identify but do not reveal it; null if no key. */
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

  /** The checks of a line beyond those of every provider. */
  public LineRule rule() {
    return api().rule(this);
  }

  /** How many tokens it counts for images and files. */
  public MediaTokens mediaTokens() {
    return api().mediaTokens();
  }

  /** How it takes requests outside of a batch. */
  public SingleCalls singleCalls() {
    return api().singleCalls();
  }

  /** The headers of every call: the key, and the names that come with it. */
  public Map<String, String> headers() {
    var headers = new LinkedHashMap<String, String>();
    boolean bearer = "Authorization".equalsIgnoreCase(keyHeader) && !apiKey.isBlank();
    headers.put(keyHeader, bearer ? "Bearer " + apiKey : apiKey);
    headers.put("anthropic-version", version);
    headers.put("OpenAI-Organization", organization);
    headers.put("OpenAI-Project", project);
    headers.values().removeIf(String::isBlank);
    return headers;
  }

  /** Its dialect; one that has no class, only routes, is treated as OpenAI's. */
  private Dialect api() {
    return DIALECTS.getOrDefault(dialect, () -> dialect);
  }

  /** Never shows the key, nor a password in the URL. */
  @Override
  public String toString() {
    return "%s at %s".formatted(dialect, base().replaceFirst("//[^/@]*@", "//"));
  }
}
