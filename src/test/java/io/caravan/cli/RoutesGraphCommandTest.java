package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.routes.TestCaravan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoutesGraphCommandTest {
  @TempDir private Path folder;
  private Path routes;

  @BeforeEach
  void copyRoutes() throws IOException {
    routes = TestCaravan.copyRoutes(folder.resolve("routes"));
  }

  @Test
  void drawsAllRoutes() {
    Told told = graph();

    assertThat(told.code()).isZero();
    assertThat(told.text()).startsWith("flowchart LR").contains("default-inbox", "gemini-submit");
  }

  @Test
  void drawsPipelineAsImage() {
    Told told = graph("default", "--format", "svg");

    assertThat(told.code()).isZero();
    assertThat(told.text()).startsWith("<svg").contains("default-inbox").doesNotContain("gemini");
  }

  @Test
  void drawsFileFromElsewhere() {
    Told told = graph("samples/pipelines/csv.camel.yaml");

    assertThat(told.code()).isZero();
    assertThat(told.text()).contains("csv-inbox", "job-accept").doesNotContain("default-inbox");
  }

  @Test
  void drawsFileOfTheFolder() {
    assertThat(graph(routes.resolve("providers/openai.camel.yaml").toString()).text())
        .contains("openai-submit", "batch-submit");
  }

  @Test
  void namesMissingFile() {
    Told told = graph("nightly");

    assertThat(told.code()).isEqualTo(1);
    assertThat(told.text())
        .startsWith("There is no route file nightly;")
        .contains("pipelines/default.camel.yaml");
  }

  @Test
  void namesInvalidFile() throws IOException {
    Files.writeString(routes.resolve("pipelines/bad.camel.yaml"), "- route: {id: [");

    Told told = graph();

    assertThat(told.code()).isEqualTo(1);
    assertThat(told.text()).startsWith("pipelines/bad.camel.yaml is not valid");
  }

  @Test
  void rejectsOtherFormats() {
    assertThat(graph("--format", "png").code()).isEqualTo(2);
  }

  private Told graph(String... arguments) {
    return Told.by(
        Stream.concat(Stream.of("routes", "graph"), Stream.of(arguments)).toList(),
        Map.of("caravan.routes", routes.toString()));
  }
}
