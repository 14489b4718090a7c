package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;

/** A working directory with a sample pipeline and the libraries of the component that it needs. */
final class SampleFolder {
  private final Path folder;
  private final Path pipeline;
  private final Map<String, String> variables = new HashMap<>();

  private SampleFolder(Path folder, Path pipeline, CountingProvider provider) {
    this.folder = folder;
    this.pipeline = pipeline;
    variables.putAll(provider.variables());
    variables.putAll(
        Map.of(
            "CARAVAN_POLL_INITIAL", "50ms",
            "CARAVAN_POLL_MAX", "100ms",
            "CARAVAN_RETRY_INITIAL", "50ms",
            "CARAVAN_RETRY_MAX", "200ms"));
  }

  /** Copies the routes and the sample, and adds the component as a user does. */
  static SampleFolder of(String sample, String component, Path folder, CountingProvider provider)
      throws IOException, InterruptedException {
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    String file = sample + ".camel.yaml";
    Path pipeline =
        Files.copy(Path.of("samples/pipelines", file), routes.resolve("pipelines").resolve(file));
    Files.createDirectories(folder.resolve("lib"));
    CaravanProcess.Ended added = CaravanProcess.run(folder, Map.of(), "add", component);
    assertThat(added.code()).as(added.output()).isZero();
    return new SampleFolder(folder, pipeline, provider);
  }

  SampleFolder with(String variable, Object value) {
    variables.put(variable, value.toString());
    return this;
  }

  CaravanProcess start() throws IOException {
    return CaravanProcess.start(folder, variables);
  }

  /** Changes the sample. */
  void edit(UnaryOperator<String> change) throws IOException {
    Files.writeString(pipeline, change.apply(Files.readString(pipeline)));
  }

  /** Starts it, and kills it as soon as the condition holds. */
  void killOnce(Callable<Boolean> due) throws IOException, InterruptedException {
    try (CaravanProcess caravan = start()) {
      await()
          .atMost(Duration.ofMinutes(6)) // includes a start, which takes long beside other tests
          .pollInterval(Duration.ofMillis(10))
          .until(() -> !caravan.isAlive() || due.call());
      assertThat(caravan.isAlive()).as(caravan.output()).isTrue();
      caravan.kill();
    }
  }

  /** A path in the working directory. */
  Path path(String name) {
    return folder.resolve(name);
  }

  /** Where the reports are. */
  Path outbox() {
    return folder.resolve("outbox");
  }
}
