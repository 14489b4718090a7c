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

/** The packaged application, started by its launcher in a working directory of its own. */
final class CaravanProcess implements AutoCloseable {
  private static final Path LAUNCHER = Path.of("caravan").toAbsolutePath();
  private static final Duration LONGEST_START = Duration.ofMinutes(2);
  private static final Duration LONGEST_RUN = Duration.ofMinutes(4);

  private final Process process;
  private final Path output;

  private CaravanProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts it with these variables and none of ours that might disturb it. */
  static CaravanProcess start(Path folder, Map<String, String> variables, String... arguments)
      throws IOException {
    return start(LAUNCHER, folder, variables, arguments);
  }

  /** Starts the one of this launcher. */
  static CaravanProcess start(
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
    // soon warm, as it is soon over, and no archive for starts that do not come
    environment.put("JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:-AutoCreateSharedArchive");
    environment.putAll(variables);
    return new CaravanProcess(builder.start(), output);
  }

  /** Takes files through, or says why not; returns when it has ended. */
  static Ended run(Path folder, Map<String, String> variables, String... arguments)
      throws IOException, InterruptedException {
    try (CaravanProcess caravan = start(folder, variables, arguments)) {
      return caravan.awaitEnd(LONGEST_RUN);
    }
  }

  /** Waits until it has ended by itself. */
  Ended awaitEnd(Duration atMost) throws IOException, InterruptedException {
    assertThat(runsFor(atMost)).as("still runs: %s", output()).isFalse();
    return new Ended(process.exitValue(), output());
  }

  /** Waits until a service answers. */
  CaravanProcess awaitReady(int port) {
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

  /** Waits until it works, whether or not it can be asked. */
  void awaitStarted() {
    await("start")
        .atMost(LONGEST_START)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> output().contains("store: jdbc:"));
  }

  /** Whether it still runs after that time. */
  boolean runsFor(Duration time) throws InterruptedException {
    return !process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Asks it to end, as a service manager does. */
  void terminate() {
    process.destroy();
  }

  /** As {@code kill -9} does, at whatever it is. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Stops it where it is, as a paused virtual machine does. */
  void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets it go on as if no time had passed. */
  void thaw() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
  }

  String output() throws IOException {
    return Files.readString(output);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** How a process ended, and what it had said. */
  record Ended(int code, String output) {}
}
