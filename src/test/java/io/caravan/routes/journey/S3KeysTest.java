package io.caravan.routes.journey;

import static io.caravan.routes.Line.embedding;
import static io.caravan.routes.TestCaravan.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Buckets;
import io.caravan.routes.fake.OpaqueStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests keys that are invalid as file names or try to escape a folder. */
@Tag("thorough")
class S3KeysTest {
  private static final Set<String> NAMES =
      Set.of(
          "../../climbs.jsonl",
          "a/../../../climbs-further.jsonl",
          "./here.jsonl",
          "/double.jsonl",
          "a//empty.jsonl",
          "control\u0001\u007f.jsonl",
          "tab\tand\nline.jsonl",
          ".jsonl");

  private OpaqueStore store;

  @BeforeEach
  void start() throws IOException {
    Buckets.useKeys();
    store = new OpaqueStore("odd");
  }

  @AfterEach
  void stop() throws IOException {
    store.close();
    Buckets.forgetKeys();
  }

  @Test
  void acceptsKeysThatAreNotPaths(@TempDir Path folder) throws IOException {
    NAMES.forEach(name -> store.put("inbox/" + name, text(embedding("k", "Key " + name))));
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Buckets.pipeline(routes, "s3", "odd", "subfolders: false", "subfolders: true");
    try (TestCaravan caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("caravan.s3.endpoint", store.endpoint())
            .with("caravan.s3.checksums", "when_required")
            .start()) {
      await("a report of each")
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              store.keys("reports/").size() == NAMES.size() && store.keys("inbox/").isEmpty());
      assertThat(caravan.outbox()).as("the folder").doesNotExist();
    }

    assertThat(
            store.keys("reports/").stream()
                .map(key -> Outcome.parse(store.get(key)).path("source").asText())
                .collect(Collectors.toSet()))
        .isEqualTo(
            NAMES.stream().map(name -> "s3://odd/inbox/" + name).collect(Collectors.toSet()));
    assertThat(store.keys("accepted/")).hasSize(NAMES.size());
    assertThat(store.keys(""))
        .allMatch(key -> key.matches("(?s)(accepted|results|errors|reports)/.*"))
        .noneMatch(key -> key.matches("(?s)(.*/)?\\.{1,2}/.*"));
  }
}
