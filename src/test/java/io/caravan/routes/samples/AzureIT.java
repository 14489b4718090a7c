package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code samples/pipelines/azure} with Azurite, and kills in between. */
@Tag("thorough")
class AzureIT {
  private static final int FILES = 30;

  @Test
  void answersEveryBlobOnceAfterKills(@TempDir Path folder) throws Exception {
    assumeThat(AzureServer.AZURITE)
        .as("Azurite; \"npm install --prefix target/azurite azurite\" installs it")
        .exists();
    try (var azure = new AzureServer(folder);
        var provider = new CountingProvider().withBatchesOf(Duration.ofMillis(300))) {
      for (String container : List.of("inbox", "results", "errors")) {
        azure.createContainer(container);
      }
      for (int i = 1; i <= FILES; i++) {
        String text = TestCaravan.text(Line.chat("r-" + i, "about " + i), "no request");
        azure.put("inbox", "day/f" + i + ".jsonl", text);
      }
      SampleFolder sample =
          SampleFolder.of(
                  "azure",
                  "azure-storage-blob",
                  Files.createDirectories(folder.resolve("work")),
                  provider)
              .with("AZURE_STORAGE_CONNECTION_STRING", azure.connection());

      sample.killOnce(() -> azure.names("inbox").size() < FILES - 5);
      sample.killOnce(() -> azure.names("results").size() > 5);
      try (CaravanProcess last = sample.start()) {
        await("all outputs")
            .atMost(Duration.ofMinutes(6))
            .until(() ->
                !last.isAlive()
                    || azure.names("results").size() + azure.names("errors").size() == 2 * FILES);
        assertThat(last.isAlive()).as(last.output()).isTrue();
        await("an empty inbox").until(() -> azure.names("inbox").isEmpty());
      }

      assertThat(customIds(azure))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.rangeClosed(1, FILES).mapToObj(i -> "r-" + i).toList());
      assertThat(provider.account().paid().values()).hasSize(FILES).containsOnly(1L);
    }
  }

  private static List<String> customIds(AzureServer azure) throws Exception {
    var ids = new ArrayList<String>();
    for (String name : azure.names("results")) {
      azure
          .get("results", name)
          .lines()
          .map(line -> Outcome.parse(line).path("custom_id").asText())
          .forEach(ids::add);
    }
    return ids;
  }
}
