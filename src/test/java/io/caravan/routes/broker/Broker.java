package io.caravan.routes.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.CaravanProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A message broker in its own process, whose libraries {@code ./caravan add} has fetched. */
final class Broker implements AutoCloseable {
  private static final Path APPLICATION = Path.of("target/app/jars").toAbsolutePath();

  private final Process process;
  private final Path output;

  private Broker(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Fetches libraries into a folder that later runs use, too; Caravan's own are not repeated. */
  static Path libraries(String... libraries) throws IOException, InterruptedException {
    String name = String.join("-and-", libraries).replace(':', '-');
    Path folder = Path.of("target/brokers", name).toAbsolutePath();
    Path lib = Files.createDirectories(folder.resolve("lib"));
    if (!Files.exists(lib.resolve("components.json"))) {
      add(folder, libraries);
    }
    return lib;
  }

  /** Fills {@code lib/} of a folder like a user. */
  static void add(Path folder, String... names) throws IOException, InterruptedException {
    Files.createDirectories(folder.resolve("lib"));
    var arguments = new ArrayList<>(List.of("add"));
    arguments.addAll(List.of(names));
    CaravanProcess.Ended added =
        CaravanProcess.run(folder, Map.of(), arguments.toArray(String[]::new));
    assertThat(added.code()).as(added.output()).isZero();
  }

  /** Runs a program with the libraries to its end. */
  static void run(Path folder, Path lib, String... arguments)
      throws IOException, InterruptedException {
    try (Broker program = start(folder, lib, arguments)) {
      assertThat(program.process.waitFor()).as(program.output()).isZero();
    }
  }

  /** Starts a program with the libraries in a folder. */
  static Broker start(Path folder, Path lib, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dlogback.configurationFile=" + Path.of("src/test/brokers/logback.xml").toUri());
    command.addAll(List.of("-cp", lib + "/*" + File.pathSeparator + APPLICATION + "/*"));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile(folder, "broker-", ".txt");
    return new Broker(
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start(),
        output);
  }

  /** Waits for a text in its output. */
  Broker awaitOutput(String text) {
    await(text)
        .until(() -> {
          assertThat(process.isAlive() || output().contains(text)).as(output()).isTrue();
          return output().contains(text);
        });
    return this;
  }

  /** The lines that it has written; one that it is still writing is left out. */
  String output() {
    try {
      String text = Files.readString(output);
      return text.substring(0, text.lastIndexOf('\n') + 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a line to its standard input. */
  void tell(String line) throws IOException {
    process.outputWriter().write(line + "\n");
    process.outputWriter().flush();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
