package io.caravan.routes.journey;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Line;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.contract.ProviderContract;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Fault;
import io.caravan.routes.fake.RawHttp;
import io.caravan.routes.fake.RawHttp.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests slow, endless and redirecting providers beside a healthy one. */
class SlowProviderJourneyTest {
  private static final String TOKEN = "operators-only-0123456789";

  private static CountingProvider provider;
  private static TestCaravan caravan;
  private static Path folder;

  @BeforeAll
  static void start(@TempDir Path temporary) throws IOException {
    folder = temporary;
    provider = new CountingProvider(1).withBatchesOf(Duration.ZERO);
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    String slow =
        Files.readString(routes.resolve("pipelines/default.camel.yaml"))
            .replace("{{caravan.provider}}", "openai")
            .replace("{{caravan.inbox}}", folder.resolve("inbox-slow").toString())
            .replace("name: default\n", "name: slow\n")
            .replace("default-", "slow-");
    Files.writeString(routes.resolve("pipelines/slow.camel.yaml"), slow);
    caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("caravan.provider-call.limit", "2s")
            .with("caravan.provider-call.transfer-limit", "3s")
            .with("caravan.providers.openai.base-url", provider.url())
            .with("caravan.providers.openai.api-key", ProviderContract.KEY)
            .with("caravan.providers.openai.max-requests", 1)
            .with("caravan.operator.token", TOKEN)
            .start();
  }

  @AfterAll
  static void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  @AfterEach
  void mend() {
    provider.mend();
    provider.forgetFaults();
  }

  private static void dropForSlow(String name, int requests) throws IOException {
    Path inbox = Files.createDirectories(folder.resolve("inbox-slow"));
    Files.writeString(inbox.resolve(name + ".jsonl"), TestCaravan.text(Line.chats(name, requests)));
  }

  /** Sends single bytes, so that no read timeout expires. */
  private static Reply trickle() {
    return Reply.of(200, " ".repeat(10_000).getBytes(UTF_8)).slowly(Duration.ofMillis(50));
  }

  @Test
  void doesNotBlockOtherProviders() throws IOException {
    provider.breakDown(call -> trickle());
    dropForSlow("crawling", 20);
    await("its calls").until(() -> provider.calls("upload") >= 3);
    Instant begin = Instant.now();
    caravan.drop("swift.jsonl", Line.embedding("r", "swift"));

    caravan.awaitReport("swift").counts(1, 1, 0);

    assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(30));
    await("operators see the reason").until(() -> health().contains("did not finish within 3 s"));
    provider.mend();
    caravan.awaitReport("crawling").counts(20, 20, 0);
    assertThat(provider.account().paid().values()).allMatch(times -> times == 1);
  }

  private static String health() throws IOException {
    return caravan.ask("/actuator/health") + caravan.operate("GET", "?limit=5", TOKEN).body();
  }

  @Test
  void followsContentRedirectWithoutTheKey() throws IOException {
    var heard = new AtomicReference<RawHttp.Call>();
    var content = new AtomicReference<Reply>();
    try (RawHttp elsewhere =
        new RawHttp(call -> {
          if (call.path().equals("/moved")) {
            return Reply.of(307, new byte[0]).with("Location", "/signed?a=b%2Fc&sig=x");
          }
          heard.set(call);
          return Objects.requireNonNull(content.get());
        })) {
      String place = "http://localhost:%d/moved".formatted(elsewhere.port());
      provider.onContent(call -> {
        content.set(call.get());
        return Reply.of(302, new byte[0]).with("Location", place);
      });
      dropForSlow("moved", 1);

      caravan.awaitReport("moved").counts(1, 1, 0);

      RawHttp.Call there = Objects.requireNonNull(heard.get());
      assertThat(there.path()).isEqualTo("/signed");
      assertThat(there.query()).containsEntry("a", "b/c").containsEntry("sig", "x");
      assertThat(there.headers().toString())
          .doesNotContain(ProviderContract.KEY)
          .doesNotContain("caravan");
    }
  }

  @Test
  void abortsEndlessAnswers() throws IOException {
    provider.onRetrieve(
        Stream.generate(() -> (Fault) call -> Reply.of(200, new byte[40 << 20]))
            .limit(2)
            .toArray(Fault[]::new));
    dropForSlow("endless", 1);

    caravan.awaitReport("endless").counts(1, 1, 0);
  }
}
