package io.caravan.flow.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.flow.FlowProperties;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** The proofs by which each provider's events are accepted: shared secrets, or signed tokens. */
@Component
class EventSources {
  private static final String GEMINI = "gemini";
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Map<String, SigningSecrets> secrets;
  private final @Nullable SignedTokens tokens;

  @Autowired
  EventSources(FlowProperties.Webhooks settings, Providers providers, Clock clock) {
    this(settings, new KeySet(keys(settings, providers), LIMIT), clock);
  }

  EventSources(FlowProperties.Webhooks settings, PublicKeys.Source keys, Clock clock) {
    this.secrets =
        Map.of(
            "openai",
            new SigningSecrets("OPENAI_WEBHOOK_SECRET", settings.openaiSecret(), clock),
            GEMINI,
            new SigningSecrets("GEMINI_WEBHOOK_SECRET", settings.geminiSecret(), clock));
    this.tokens =
        settings.address(GEMINI).isEmpty()
            ? null
            : new SignedTokens(new PublicKeys(keys, clock), settings.geminiAudience(), clock);
  }

  /** The keys are at the host of the provider, if no URL is set. */
  private static URI keys(FlowProperties.Webhooks settings, Providers providers) {
    if (!settings.geminiKeys().isBlank()) {
      return URI.create(settings.geminiKeys().strip());
    }
    Provider gemini = providers.providers().get(GEMINI);
    URI base =
        gemini == null || gemini.baseUrl().getHost() == null
            ? URI.create("https://generativelanguage.googleapis.com")
            : gemini.baseUrl();
    return URI.create(
        "%s://%s/.well-known/jwks.json".formatted(base.getScheme(), base.getRawAuthority()));
  }

  /** Fails if no event of that dialect could be accepted. */
  private void requireProof(String dialect) {
    SigningSecrets known = secrets.get(dialect);
    if ((known == null || known.none()) && !(dialect.equals(GEMINI) && tokens != null)) {
      throw RejectedEventException.unavailable(
          "webhook_not_configured",
          dialect.equals(GEMINI)
              ? "This server takes no webhooks of Gemini. Ask its operator to set GEMINI_WEBHOOK_SECRET or CARAVAN_WEBHOOKS_URL."
              : "This server takes no webhooks of OpenAI. Ask its operator to set OPENAI_WEBHOOK_SECRET.");
    }
  }

  /**
   * The event of a call.
   *
   * @param arrived reads the call; not asked if no event of that dialect could be accepted
   * @throws RejectedEventException unless the provider has signed it
   */
  SignedEvent verify(String dialect, Supplier<SignedCall> arrived) {
    requireProof(dialect);
    SignedCall call = arrived.get();
    String body = new String(call.body(), UTF_8);
    String signature = call.signature();
    SignedTokens byToken = tokens;
    if (dialect.equals(GEMINI)
        && byToken != null
        && signature != null
        && !signature.contains(",")) {
      return byToken.verify(signature, lenient(body));
    }
    SigningSecrets known = secrets.get(dialect);
    if (known == null || known.none()) {
      throw RejectedEventException.invalid(
          "The event is signed with a secret, and this server has none for the provider.");
    }
    known.verify(call.id(), call.timestamp(), signature, body);
    try {
      return new SignedEvent(String.valueOf(call.id()), JSON.readTree(body));
    } catch (JsonProcessingException e) {
      throw RejectedEventException.invalid("The event is not JSON.");
    }
  }

  /** The body of an event whose content is in its token. */
  private static JsonNode lenient(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }

  /**
   * A call as it arrived.
   *
   * @param id the header {@code webhook-id}
   * @param timestamp the header {@code webhook-timestamp}
   * @param signature the header {@code webhook-signature}
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record SignedCall(
      @Nullable String id, @Nullable String timestamp, @Nullable String signature, byte[] body) {}
}
