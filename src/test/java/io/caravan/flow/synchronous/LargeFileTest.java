package io.caravan.flow.synchronous;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.caravan.routes.Line;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is larger than the heap, sent and resumed in a process of its own. */
@Tag("thorough")
class LargeFileTest {
  private static final int MEGABYTES = 200;
  private static final byte[] ANSWER =
      """
      {"object":"chat.completion","model":"gpt-4.1-nano","choices":[{"index":0,"message":\
      {"content":"Yes."}}],"usage":{"prompt_tokens":5,"completion_tokens":1}}\
      """
          .getBytes(UTF_8);

  @TempDir private Path folder;

  @Test
  void memoryDoesNotGrowWithTheFile() throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                LargeFileTest.class.getName(),
                folder.toString(),
                "" + MEGABYTES)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(output)).contains("OK");
    assertThat(process.exitValue()).isZero();
  }

  /** Arguments: a folder, and the size of the file in megabytes. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Path requests = folder.resolve("requests.jsonl");
    int count = write(requests, Long.parseLong(arguments[1]) << 20);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", LargeFileTest::answer);
    server.start();
    String url = "http://127.0.0.1:%d/v1".formatted(server.getAddress().getPort());
    long begun = System.nanoTime();
    try (var calls = new TestCalls(folder, Map.of("caravan.providers.openai.base-url", url))) {
      SynchronousOutcome outcome = calls.run(calls.order(Tier.STANDARD, requests));
      SynchronousOutcome resumed = calls.run(calls.order(Tier.STANDARD, requests));
      boolean all = outcome.answered() == count && resumed.equals(outcome);
      System.out.printf(
          "%s: %d requests in %d ms%n",
          all ? "OK" : "WRONG " + outcome + resumed,
          count,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
    } finally {
      server.stop(0);
    }
    System.exit(0);
  }

  /** Lines of 20 kB, and one of 10 MB for each 100 MB. */
  private static int write(Path file, long bytes) throws IOException {
    int count = 0;
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long written = 0; written < bytes; count++) {
        int length = count % 5_000 == 2_500 ? 10 << 20 : 20_000;
        byte[] line = (Line.chat("r-" + count, "word ".repeat(length / 5)) + "\n").getBytes(UTF_8);
        out.write(line);
        written += line.length;
      }
    }
    return count;
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().skip(Long.MAX_VALUE);
      exchange.sendResponseHeaders(200, ANSWER.length);
      exchange.getResponseBody().write(ANSWER);
    }
  }
}
