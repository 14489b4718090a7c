package io.caravan.flow.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.standardwebhooks.Webhook;
import io.caravan.TestClock;
import io.caravan.client.UnfitSettingsException;
import io.caravan.flow.FlowProperties;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which calls count as events of a provider. */
class EventSourcesTest {
  private static final String NEW = "whsec_bmV3LXNlY3JldC1mb3ItdGVzdHMtb25seQ==";
  private static final String OLD = "whsec_b2xkLXNlY3JldC1mb3ItdGVzdHMtb25seQ==";
  private static final String OTHER = "whsec_b3RoZXItc2VjcmV0LWZvci10ZXN0cw==";
  private static final Instant NOON = Instant.parse("2027-01-31T12:00:00Z");
  private static final String BODY = "{\"type\":\"batch.completed\",\"data\":{\"id\":\"batch_1\"}}";
  private static final RSAKey KEY = key("k1");

  private final TestClock clock = new TestClock(NOON);
  private String published = new JWKSet(KEY.toPublicJWK()).toString();

  private static RSAKey key(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (com.nimbusds.jose.JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private EventSources sources(String openai, String url, String audience) {
    return new EventSources(
        new FlowProperties.Webhooks(url, openai, "", "", audience), () -> published, clock);
  }

  private EventSources openai() {
    return sources(NEW + " " + OLD, "", "");
  }

  private EventSources gemini() {
    return sources("", "https://caravan.test", "");
  }

  private static EventSources.SignedCall signed(String secret, String id, Instant at, String body)
      throws Exception {
    long seconds = at.getEpochSecond();
    return new EventSources.SignedCall(
        id,
        Long.toString(seconds),
        new Webhook(secret).sign(id, seconds, body),
        body.getBytes(UTF_8));
  }

  private static Supplier<EventSources.SignedCall> arrived(EventSources.SignedCall call) {
    return () -> call;
  }

  private static void rejects(EventSources sources, String dialect, EventSources.SignedCall call) {
    rejects(400, sources, dialect, call);
  }

  private static void rejects(
      int status, EventSources sources, String dialect, EventSources.SignedCall call) {
    assertThatThrownBy(() -> sources.verify(dialect, arrived(call)))
        .asInstanceOf(type(RejectedEventException.class))
        .returns(status, RejectedEventException::status);
  }

  @Test
  void acceptsEventOfEachSecret() throws Exception {
    for (String secret : new String[] {NEW, OLD}) {
      SignedEvent event = openai().verify("openai", arrived(signed(secret, "evt_1", NOON, BODY)));

      assertThat(event.id()).isEqualTo("evt_1");
      assertThat(event.content().at("/data/id").asText()).isEqualTo("batch_1");
    }
  }

  @Test
  void acceptsOneOfSeveralSignatures() throws Exception {
    EventSources.SignedCall call = signed(OLD, "evt_1", NOON, BODY);
    String others = "v1,AAAA v1a,BBBB " + call.signature() + " v2,CCCC";

    assertThat(
            openai()
                .verify(
                    "openai",
                    arrived(
                        new EventSources.SignedCall(
                            "evt_1", call.timestamp(), others, call.body()))))
        .isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"-301, false", "-300, true", "0, true", "300, true", "301, false"})
  void acceptsEventsOfTheLastMinutesOnly(long seconds, boolean accepted) throws Exception {
    EventSources.SignedCall call = signed(NEW, "evt_1", NOON.plusSeconds(seconds), BODY);

    if (accepted) {
      assertThat(openai().verify("openai", arrived(call)).id()).isEqualTo("evt_1");
    } else {
      rejects(openai(), "openai", call);
    }
  }

  @Test
  void rejectsForgedEvents() throws Exception {
    EventSources.SignedCall good = signed(NEW, "evt_1", NOON, BODY);
    byte[] body = good.body();

    rejects(openai(), "openai", signed(OTHER, "evt_1", NOON, BODY));
    rejects(
        openai(),
        "openai",
        call(
            "evt_1", good.timestamp(), good.signature(), BODY.replace("_1", "_2").getBytes(UTF_8)));
    rejects(openai(), "openai", call("evt_2", good.timestamp(), good.signature(), body));
    rejects(
        openai(),
        "openai",
        call("evt_1", "" + (NOON.getEpochSecond() - 1), good.signature(), body));
    rejects(openai(), "openai", call("evt_1", good.timestamp(), "v1,", body));
    rejects(openai(), "openai", call("evt_1", good.timestamp(), "", body));
    rejects(openai(), "openai", call("evt_1", "soon", good.signature(), body));
    rejects(openai(), "openai", call("evt_1", "-1", good.signature(), body));
  }

  private static EventSources.SignedCall call(
      @Nullable String id, @Nullable String timestamp, @Nullable String signature, byte[] body) {
    return new EventSources.SignedCall(id, timestamp, signature, body);
  }

  @Test
  void rejectsMissingHeaders() throws Exception {
    EventSources.SignedCall good = signed(NEW, "evt_1", NOON, BODY);

    rejects(openai(), "openai", call(null, good.timestamp(), good.signature(), good.body()));
    rejects(openai(), "openai", call("evt_1", null, good.signature(), good.body()));
    rejects(openai(), "openai", call("evt_1", good.timestamp(), null, good.body()));
  }

  @Test
  void rejectsSignedEventThatIsNotJson() throws Exception {
    rejects(openai(), "openai", signed(NEW, "evt_1", NOON, "batch_1 has ended"));
  }

  @Test
  void isUnavailableWithoutProof() throws Exception {
    EventSources none = sources("", "", "");

    rejects(503, none, "openai", signed(NEW, "evt_1", NOON, BODY));
    rejects(503, none, "gemini", token(valid()));
    rejects(503, openai(), "gemini", token(valid()));
    rejects(503, gemini(), "openai", token(valid()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"secret", "whsec_", "whsec_c2hvcnQ=", "whsec_*", "bmV3LXNlY3JldC1mb3ItdGVzdHM="})
  void refusesUnfitSecretWithoutShowingIt(String secret) {
    assertThatThrownBy(() -> sources(secret, "", ""))
        .isInstanceOf(UnfitSettingsException.class)
        .hasMessageContaining("OPENAI_WEBHOOK_SECRET")
        .hasMessageNotContaining("c2hvcnQ")
        .hasMessageNotContaining("bmV3");
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .audience("caravan")
        .issueTime(Date.from(NOON))
        .expirationTime(Date.from(NOON.plusSeconds(300)))
        .claim("type", "batch.succeeded")
        .claim("data", Map.of("id", "batches/b1"));
  }

  private static String valid() throws Exception {
    return token(KEY, claims().build());
  }

  private static String token(RSAKey key, JWTClaimsSet claims) throws Exception {
    return token(JWSAlgorithm.RS256, key.getKeyID(), new RSASSASigner(key), claims);
  }

  private static String token(
      JWSAlgorithm algorithm, String kid, JWSSigner signer, JWTClaimsSet claims) throws Exception {
    var jwt = new SignedJWT(new JWSHeader.Builder(algorithm).keyID(kid).build(), claims);
    jwt.sign(signer);
    return jwt.serialize();
  }

  private static EventSources.SignedCall token(String token) {
    return call(
        "evt_1", null, token, "{\"data\":{\"id\":\"batches/of-the-body\"}}".getBytes(UTF_8));
  }

  @Test
  void acceptsTokenAndBelievesItsContent() throws Exception {
    SignedEvent event = gemini().verify("gemini", arrived(token(valid())));

    assertThat(event.content().at("/data/id").asText()).isEqualTo("batches/b1");
    assertThat(event.id()).isEqualTo(gemini().verify("gemini", arrived(token(valid()))).id());
  }

  @Test
  void readsBodyOfTokenWithoutContent() throws Exception {
    String token = token(KEY, new JWTClaimsSet.Builder().issueTime(Date.from(NOON)).build());

    assertThat(gemini().verify("gemini", arrived(token(token))).content().at("/data/id").asText())
        .isEqualTo("batches/of-the-body");
  }

  @Test
  void rejectsTokenOfAnotherKey() throws Exception {
    rejects(gemini(), "gemini", token(token(key("k1"), claims().build())));
    rejects(gemini(), "gemini", token(token(key("k2"), claims().build())));
  }

  @Test
  void rejectsTokenWithoutSignature() throws Exception {
    rejects(gemini(), "gemini", token(new PlainJWT(claims().build()).serialize()));
    rejects(gemini(), "gemini", token(valid().replaceFirst("[^.]*$", "")));
    rejects(gemini(), "gemini", token("no.token"));
  }

  @Test
  void rejectsTokenSignedWithThePublicKeyAsSecret() throws Exception {
    var signer = new MACSigner(KEY.toRSAPublicKey().getEncoded());

    rejects(gemini(), "gemini", token(token(JWSAlgorithm.HS256, "k1", signer, claims().build())));
  }

  @Test
  void rejectsOtherAlgorithm() throws Exception {
    rejects(
        gemini(),
        "gemini",
        token(token(JWSAlgorithm.RS512, "k1", new RSASSASigner(KEY), claims().build())));
  }

  @Test
  void rejectsChangedToken() throws Exception {
    String other = token(KEY, claims().claim("data", Map.of("id", "batches/b2")).build());
    String[] mine = valid().split("\\.", -1);

    rejects(gemini(), "gemini", token(mine[0] + "." + other.split("\\.", -1)[1] + "." + mine[2]));
  }

  @ParameterizedTest
  @CsvSource({
    "-400, 300, true",
    "-400, -59, true",
    "-400, -60, false",
    "-299, , true",
    "-301, , false",
    ", 300, true",
    ", , false",
    "301, 900, false"
  })
  void rejectsTokenThatIsTooOldOrTooNew(
      @Nullable Integer issued, @Nullable Integer expires, boolean accepted) throws Exception {
    var claims = claims().issueTime(null).expirationTime(null);
    if (issued != null) {
      claims.issueTime(Date.from(NOON.plusSeconds(issued)));
    }
    if (expires != null) {
      claims.expirationTime(Date.from(NOON.plusSeconds(expires)));
    }
    EventSources.SignedCall call = token(token(KEY, claims.build()));

    if (accepted) {
      assertThat(gemini().verify("gemini", arrived(call))).isNotNull();
    } else {
      rejects(gemini(), "gemini", call);
    }
  }

  @Test
  void checksAudienceIfOneIsSet() throws Exception {
    String url = "https://caravan.test";

    assertThat(sources("", url, "caravan").verify("gemini", arrived(token(valid())))).isNotNull();
    rejects(sources("", url, "other"), "gemini", token(valid()));
  }

  @Test
  void rejectsShortKey() throws Exception {
    RSAKey weak = new RSAKeyGenerator(1024, true).keyID("weak").generate();
    published = new JWKSet(weak.toPublicJWK()).toString();

    rejects(
        gemini(),
        "gemini",
        token(
            token(
                JWSAlgorithm.RS256,
                "weak",
                new RSASSASigner(weak.toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance())),
                claims().build())));
  }

  @Test
  void isUnavailableWhileKeysAreNotReadable() throws Exception {
    published = "not JSON";

    rejects(503, gemini(), "gemini", token(valid()));
  }

  @Test
  void acceptsStaticEventsOfGeminiBesideTokens() throws Exception {
    var both =
        new EventSources(
            new FlowProperties.Webhooks("https://caravan.test", "", NEW, "", ""),
            () -> published,
            clock);

    assertThat(both.verify("gemini", arrived(signed(NEW, "evt_1", NOON, BODY))).id())
        .isEqualTo("evt_1");
    assertThat(both.verify("gemini", arrived(token(valid())))).isNotNull();
    rejects(both, "gemini", signed(OTHER, "evt_1", NOON, BODY));
    rejects(gemini(), "gemini", signed(NEW, "evt_1", NOON, BODY));
  }
}
