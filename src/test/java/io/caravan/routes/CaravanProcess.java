package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The packaged application, started by its launcher in a separate working directory. */
public final class CaravanProcess implements AutoCloseable {
  private static final Path LAUNCHER = Path.of("caravan").toAbsolutePath();
  private static final Duration LONGEST_START = Duration.ofMinutes(2);
  private static final Duration LONGEST_RUN = Duration.ofMinutes(4);

  private final Process process;
  private final Path output;

  private CaravanProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts it with these variables and without variables of the test that could interfere. */
  public static CaravanProcess start(
      Path folder, Map<String, String> variables, String... arguments) throws IOException {
    ClassArchive.make();
    return begin(folder, variables, arguments);
  }

  static CaravanProcess begin(Path folder, Map<String, String> variables, String... arguments)
      throws IOException {
    return start(LAUNCHER, folder, variables, arguments);
  }

  /** Starts the application of the given launcher. */
  public static CaravanProcess start(
      Path launcher, Path folder, Map<String, String> variables, String... arguments)
      throws IOException {
    Path output = Files.createTempFile(folder, "output-", ".txt");
    var builder =
        new ProcessBuilder(
                Stream.concat(Stream.of(launcher.toString()), Stream.of(arguments)).toList())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.matches("(CARAVAN|OPENAI|SERVER|SPRING)_.*"));
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    // fast warm-up for a short run; the archive of classes is there already
    environment.put("JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:-AutoCreateSharedArchive");
    environment.putAll(variables);
    return new CaravanProcess(builder.start(), output);
  }

  /** Runs a command and waits for its end. */
  public static Ended run(Path folder, Map<String, String> variables, String... arguments)
      throws IOException, InterruptedException {
    try (CaravanProcess caravan = start(folder, variables, arguments)) {
      return caravan.awaitEnd(LONGEST_RUN);
    }
  }

  /** Waits until the process exits. */
  Ended awaitEnd(Duration atMost) throws IOException, InterruptedException {
    assertThat(runsFor(atMost)).as("still running: %s", output()).isFalse();
    return new Ended(process.exitValue(), output());
  }

  /** Waits until a service answers. */
  public CaravanProcess awaitReady(int port) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:%d/actuator/health/readiness".formatted(port)))
              .timeout(Duration.ofSeconds(5))
              .build();
      await("readiness")
          .atMost(LONGEST_START)
          .ignoreExceptions()
          .until(() -> http.send(request, BodyHandlers.discarding()).statusCode() == 200);
    }
    return this;
  }

  /** Waits until it has started, also without HTTP. */
  public void awaitStarted() {
    await("start")
        .atMost(LONGEST_START)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> output().contains("store: jdbc:"));
  }

  /** Whether it is still running after that time. */
  public boolean runsFor(Duration time) throws InterruptedException {
    return !process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  long id() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Terminates it like a service manager. */
  public void terminate() {
    process.destroy();
  }

  /** Kills it like {@code kill -9}. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Freezes it, like a paused virtual machine. */
  public void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Resumes it. */
  public void thaw() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
  }

  public String output() throws IOException {
    return Files.readString(output);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The exit code and output of a process. */
  public record Ended(int code, String output) {}
}
