import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.caravan.testkit.ScriptedProvider;
import io.caravan.testkit.ScriptedProvider.CallKind;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the pipeline of this project as a service, against a provider that misbehaves. */
class NightlyPipelineTest {
  private static final Path HOME = Path.of(System.getProperty("caravan.home")).toAbsolutePath();

  @TempDir static Path folder;
  static ScriptedProvider provider;
  static Process caravan;

  @BeforeAll
  static void start() throws IOException {
    copy(HOME.resolve("routes"), folder.resolve("routes"));
    copy(Path.of("routes"), folder.resolve("routes"));
    provider = new ScriptedProvider();
    var builder = new ProcessBuilder(HOME.resolve("caravan").toString()).directory(folder.toFile());
    builder.environment().put("OPENAI_BASE_URL", provider.url());
    builder.environment().put("OPENAI_API_KEY", "none");
    builder.environment().put("SERVER_PORT", "0");
    builder.environment().put("CARAVAN_POLL_INITIAL", "100ms");
    builder.environment().put("CARAVAN_POLL_MAX", "500ms");
    builder.environment().put("CARAVAN_POLL_ANSWERS_GRACE", "1s");
    builder.environment().put("CARAVAN_RETRY_INITIAL", "100ms");
    builder.environment().put("CARAVAN_RETRY_MAX", "1s");
    builder.redirectErrorStream(true).redirectOutput(new File("target/caravan.log"));
    caravan = builder.start();
  }

  @AfterAll
  static void stop() throws Exception {
    caravan.destroy();
    caravan.waitFor(30, TimeUnit.SECONDS);
    provider.close();
  }

  @Test
  void deliversEveryAnswer() throws IOException {
    drop("plain", 3);

    assertEquals(3, awaitLines("plain.results.jsonl").size());
  }

  @Test
  void waitsForBatchThatStalls() throws IOException {
    provider.stall();
    drop("stalled", 3);
    await().atMost(Duration.ofMinutes(1)).until(() -> provider.paid().containsKey("stalled-3"));
    assertFalse(Files.exists(folder.resolve("done/stalled.results.jsonl")));

    provider.release();

    assertEquals(3, awaitLines("stalled.results.jsonl").size());
  }

  @Test
  void sendsExpiredRequestsAgain() throws IOException {
    provider.expire(2);
    drop("expired", 3);

    assertEquals(3, awaitLines("expired.results.jsonl").size());
    assertEquals(1, provider.paid().get("expired-1"));
  }

  @Test
  void sendsLostRequestsAgain() throws IOException {
    provider.lose(2);
    drop("lost", 3);

    assertEquals(3, awaitLines("lost.results.jsonl").size());
  }

  @Test
  void ignoresRepeatedAnswers() throws IOException {
    provider.repeat(true);
    drop("repeated", 3);

    assertEquals(3, awaitLines("repeated.results.jsonl").size());
    provider.repeat(false);
  }

  @Test
  void survivesSlowBatchesAndRefusedCalls() throws IOException {
    provider.slow(Duration.ofSeconds(2)).refuse(CallKind.CREATE, 503).refuse(CallKind.STATUS, 500);
    drop("slow", 3);

    assertEquals(3, awaitLines("slow.results.jsonl").size());
    provider.slow(Duration.ofMillis(100));
  }

  @Test
  void deliversFailedRequestsAsErrors() throws IOException {
    provider.answer("failed-2", 400);
    drop("failed", 3);

    assertEquals(1, awaitLines("failed.errors.jsonl").size());
    assertEquals(2, awaitLines("failed.results.jsonl").size());
  }

  private static void drop(String name, int requests) throws IOException {
    String lines =
        IntStream.rangeClosed(1, requests)
            .mapToObj(i ->
                """
                {"custom_id": "%s-%d", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Say %2$d"}]}}
                """
                    .formatted(name, i))
            .reduce("", String::concat);
    Files.createDirectories(folder.resolve("nightly"));
    Path written = Files.writeString(folder.resolve(name + ".jsonl"), lines);
    Files.move(written, folder.resolve("nightly").resolve(written.getFileName()));
  }

  private static List<String> awaitLines(String name) throws IOException {
    Path file = folder.resolve("done").resolve(name);
    await().atMost(Duration.ofMinutes(2)).until(() -> Files.exists(file));
    return Files.readAllLines(file);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(file -> {
        try {
          Path target = to.resolve(from.relativize(file));
          if (Files.isDirectory(file)) {
            Files.createDirectories(target);
          } else {
            Files.copy(file, target);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }
}
