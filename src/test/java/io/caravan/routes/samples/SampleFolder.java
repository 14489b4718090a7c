package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A working directory with a sample pipeline and the libraries of the component that it needs. */
final class SampleFolder {
  private final Path folder;
  private final Map<String, String> variables = new HashMap<>();

  private SampleFolder(Path folder, CountingProvider provider) {
    this.folder = folder;
    variables.putAll(
        Map.of(
            "CARAVAN_PROVIDER", "openai",
            "OPENAI_API_KEY", "not-a-key",
            "OPENAI_BASE_URL", provider.url(),
            "CARAVAN_SERVER_ENABLED", "false",
            "CARAVAN_PROVIDERS_OPENAI_LISTLAG", "300ms",
            "CARAVAN_POLL_INITIAL", "50ms",
            "CARAVAN_POLL_MAX", "100ms",
            "CARAVAN_RETRY_INITIAL", "50ms",
            "CARAVAN_RETRY_MAX", "200ms",
            "SPRING_MAIN_WEBAPPLICATIONTYPE", "none"));
  }

  /** Copies the routes and the sample, and adds the component as a user does. */
  static SampleFolder of(String sample, String component, Path folder, CountingProvider provider)
      throws IOException, InterruptedException {
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    String file = sample + ".camel.yaml";
    Files.copy(Path.of("samples/pipelines", file), routes.resolve("pipelines").resolve(file));
    Files.createDirectories(folder.resolve("lib"));
    CaravanProcess.Ended added = CaravanProcess.run(folder, Map.of(), "add", component);
    assertThat(added.code()).as(added.output()).isZero();
    return new SampleFolder(folder, provider);
  }

  SampleFolder with(String variable, Object value) {
    variables.put(variable, value.toString());
    return this;
  }

  CaravanProcess start() throws IOException {
    return CaravanProcess.start(folder, variables);
  }

  /** Where the reports are. */
  Path outbox() {
    return folder.resolve("outbox");
  }
}
