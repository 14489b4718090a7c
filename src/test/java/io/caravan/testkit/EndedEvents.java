package io.caravan.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.routes.fake.ProviderAccount;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Sends an event to a webhook for each batch that has ended, until the webhook has taken it. */
final class EndedEvents implements AutoCloseable {
  private static final long EVERY_MILLIS = 20;
  private static final String HMAC = "HmacSHA256";

  private final ProviderAccount account;
  private final URI address;
  private final byte[] key;
  private final Set<String> taken = new HashSet<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("ended-events").daemon().factory());

  EndedEvents(ProviderAccount account, URI address, String secret) {
    this.account = account;
    this.address = address;
    this.key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
    var unused = timer.scheduleWithFixedDelay(this::send, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void send() {
    account
        .ended()
        .forEach((batch, status) -> {
          if (!taken.contains(batch) && isTaken(batch, status)) {
            taken.add(batch);
          }
        });
  }

  private boolean isTaken(String batch, String status) {
    try {
      return http.send(event(batch, status), BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // sent again
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private HttpRequest event(String batch, String status) {
    long now = Instant.now().getEpochSecond();
    String id = "evt_" + batch;
    String body =
        """
        {"id": "%s", "object": "event", "type": "batch.%s", "created_at": %d, "data": {"id": "%s"}}\
        """
            .formatted(id, status, now, batch);
    return HttpRequest.newBuilder(address)
        .timeout(Duration.ofSeconds(10))
        .header("Content-Type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", Long.toString(now))
        .header("webhook-signature", "v1," + signature(id + "." + now + "." + body))
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  private String signature(String content) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      return Base64.getEncoder().encodeToString(mac.doFinal(content.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    http.shutdownNow();
  }
}
