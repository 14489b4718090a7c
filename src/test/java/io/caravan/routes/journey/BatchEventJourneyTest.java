package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.standardwebhooks.Webhook;
import io.caravan.job.WaitingBatches;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.FakeGemini;
import io.caravan.testkit.ScriptedProvider;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.HttpStatus;

/** Tests that events of providers end waits that polling would end an hour later. */
@ExtendWith(OutputCaptureExtension.class)
class BatchEventJourneyTest {
  private static final String SECRET = "whsec_c2VjcmV0LW9mLW9wZW5haS1mb3ItdGVzdHM=";
  private static final String OLD = "whsec_b2xkLXNlY3JldC1vZi1vcGVuYWktdGVzdHM=";

  /** Far below the poll interval of an hour, far above what it takes. */
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private TestCaravan caravan;

  @BeforeEach
  void prepare() throws IOException {
    caravan = pollingHourly();
  }

  @AfterEach
  void stop() {
    caravan.close();
    http.close();
  }

  private TestCaravan pollingHourly() throws IOException {
    return TestCaravan.in(folder)
        .with("caravan.poll.initial", "1h")
        .with("caravan.poll.max", "1h")
        .with("caravan.server.enabled", false);
  }

  private TestCaravan at(ScriptedProvider provider) throws IOException {
    return pollingHourly()
        .with("caravan.provider", "openai")
        .with("caravan.providers.openai.base-url", provider.url())
        .with("caravan.providers.openai.api-key", "none");
  }

  private void awaitSubmitted(String provider) {
    WaitingBatches waiting = caravan.application().getBean(WaitingBatches.class);
    await("the batch is submitted").atMost(SOON).until(() -> waiting.count().containsKey(provider));
  }

  private HttpResponse<String> post(String path, String body, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(caravan.address() + path))
            .timeout(SOON)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    return http.send(
        headers.length == 0 ? request.build() : request.headers(headers).build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> event(String secret, String id, String body) throws Exception {
    long now = Instant.now().getEpochSecond();
    return post(
        "/webhooks/openai",
        body,
        "webhook-id",
        id,
        "webhook-timestamp",
        Long.toString(now),
        "webhook-signature",
        new Webhook(secret).sign(id, now, body));
  }

  private static String ended(String batch) {
    return "{\"object\":\"event\",\"type\":\"batch.completed\",\"data\":{\"id\":\"%s\"}}"
        .formatted(batch);
  }

  private static String outcome(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Outcome.parse(answer.body()).path("outcome").asText();
  }

  private void rejects(int status, String code, HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(it -> assertThat(it).startsWith("application/problem+json"));
    var problem = Outcome.parse(answer.body());
    assertThat(problem.path("code").asText()).isEqualTo(code);
    assertThat(problem.path("title").asText())
        .isEqualTo(HttpStatus.valueOf(status).getReasonPhrase());
  }

  private double count(String provider, String outcome) {
    return caravan
        .application()
        .getBean(MeterRegistry.class)
        .get("caravan.webhook.events")
        .tags("provider", provider, "outcome", outcome)
        .counter()
        .count();
  }

  @Test
  void deliversWhenOpenAiReportsTheEnd(CapturedOutput output) throws Exception {
    try (var provider = new ScriptedProvider().stall()) {
      caravan =
          at(provider)
              .with("caravan.webhooks.openai-secret", SECRET + " " + OLD)
              .with("logging.level.io.caravan.flow.event", "DEBUG")
              .start();
      provider.report(URI.create(caravan.address() + "/webhooks/openai"), OLD);
      caravan.drop("told.jsonl", Line.chat("told-1", "x"), Line.chat("told-2", "y"));
      awaitSubmitted("openai");
      assertThat(provider.polls()).isZero();

      provider.release();

      caravan.awaitReport("told").counts(2, 2, 0);
      assertThat(provider.polls()).isEqualTo(1);
      assertThat(count("openai", "accepted")).isEqualTo(1);
      assertThat(output.getAll())
          .contains("provider=openai event=batch.completed batch=batch_")
          .doesNotContain(SECRET.substring(6), OLD.substring(6));
    }
  }

  @Test
  void believesTheProviderRatherThanTheEvent(CapturedOutput output) throws Exception {
    try (var provider = new ScriptedProvider().stall()) {
      caravan = at(provider).with("caravan.webhooks.openai-secret", SECRET).start();
      caravan.drop("running.jsonl", Line.chat("running-1", "x"));
      awaitSubmitted("openai");
      String batch = provider.batches().getFirst();

      assertThat(outcome(event(SECRET, "evt_1", ended(batch)))).isEqualTo("accepted");
      await("the poll").atMost(SOON).until(() -> provider.polls() == 1);
      for (int i = 0; i < 20; i++) {
        assertThat(outcome(event(SECRET, "evt_1", ended(batch)))).isEqualTo("repeated");
      }
      assertThat(outcome(event(SECRET, "evt_2", ended("batch_unknown")))).isEqualTo("unknown");
      String other = ended(batch).replace("batch.completed", "response.completed");
      assertThat(outcome(event(SECRET, "evt_3", other))).isEqualTo("unknown");
      rejects(400, "invalid_event", event(OLD, "evt_4", ended(batch)));
      rejects(400, "invalid_event", event(OLD, "evt_5", ended(batch)));
      rejects(400, "invalid_event", post("/webhooks/openai", ended(batch)));
      rejects(413, "event_too_large", event(SECRET, "evt_6", " ".repeat((1 << 20) + 1)));
      rejects(503, "webhook_not_configured", post("/webhooks/gemini", ended(batch)));

      assertThat(provider.polls()).isEqualTo(1);
      assertThat(caravan.outcomes("running")).isEmpty();
      assertThat(count("openai", "repeated")).isEqualTo(20);
      assertThat(count("openai", "unknown")).isEqualTo(2);
      assertThat(count("openai", "rejected")).isEqualTo(4);
      assertThat(count("gemini", "rejected")).isEqualTo(1);
      assertThat(output.getAll()).containsOnlyOnce("event rejected with");
      assertThat(output.getAll()).doesNotContain(SECRET.substring(6));
      provider.release();
      assertThat(outcome(event(SECRET, "evt_7", ended(batch)))).isEqualTo("accepted");
      caravan.awaitReport("running").counts(1, 1, 0);
    }
  }

  @Test
  void deliversWhenGeminiReportsTheEndOfOneBatch() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("google-1").generate();
    try (var provider = new FakeGemini(true)) {
      provider.publish(new JWKSet(key.toPublicJWK()).toString());
      provider.stall(true);
      provider.settings().forEach(caravan::with);
      caravan
          .with("caravan.providers.gemini.api-key", "none")
          .with("caravan.webhooks.url", caravan.address() + "/")
          .start();
      caravan.drop("gemini.jsonl", Line.chat("gemini-1", "x"));
      awaitSubmitted("gemini");
      Map.Entry<String, String> batch = provider.webhooks().entrySet().iterator().next();
      assertThat(batch.getValue()).isEqualTo(caravan.address() + "/webhooks/gemini");
      provider.stall(false);

      RSAKey forged = new RSAKeyGenerator(2048).keyID("google-1").generate();
      rejects(400, "invalid_event", token(forged, batch.getKey()));
      assertThat(outcome(token(key, batch.getKey()))).isEqualTo("accepted");

      caravan.awaitReport("gemini").counts(1, 1, 0);
      assertThat(provider.heard())
          .filteredOn(call -> call.path().startsWith("/.well-known/"))
          .hasSize(1)
          .allSatisfy(call -> assertThat(call.headers()).doesNotContainKey("x-goog-api-key"));
    }
  }

  private HttpResponse<String> token(RSAKey key, String batch) throws Exception {
    var claims =
        new JWTClaimsSet.Builder()
            .issueTime(Date.from(Instant.now()))
            .expirationTime(Date.from(Instant.now().plusSeconds(300)))
            .claim("type", "batch.succeeded")
            .claim("data", Map.of("id", "batches/" + batch))
            .build();
    var jwt =
        new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("google-1").build(), claims);
    jwt.sign(new RSASSASigner(key));
    return post("/webhooks/gemini", "{}", "Webhook-Signature", jwt.serialize());
  }
}
