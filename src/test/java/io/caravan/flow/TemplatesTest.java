package io.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.job.CannotStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.env.MockEnvironment;

class TemplatesTest {
  @TempDir private Path folder;

  @Test
  void keepsTheLastGoodFormWhileAFileIsBroken() throws IOException {
    Path file = folder.resolve("rows.yaml");
    Files.copy(Path.of("config/templates/default.yaml"), file);
    var templates =
        new Templates(
            new FlowProperties.Requests(folder, folder.resolve("none"), List.of()),
            new MockEnvironment().withProperty("caravan.model", "m"));
    var good = templates.get("rows");

    Files.writeString(file, "url: [");
    assertThat(templates.get("rows")).isEqualTo(good);
    assertThat(templates.problems())
        .hasSize(1)
        .hasEntrySatisfying(
            file.toString(), problem -> assertThat(problem).contains("line 1").contains("Fix "));

    Files.copy(
        Path.of("config/templates/default.yaml"),
        file,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(templates.problems()).isEmpty();
  }

  @Test
  void failsForAFileThatWasNeverGood() throws IOException {
    Files.writeString(folder.resolve("rows.yaml"), "url: [");
    var templates =
        new Templates(
            new FlowProperties.Requests(folder, folder.resolve("none"), List.of()),
            new MockEnvironment());

    assertThatThrownBy(() -> templates.get("rows")).isInstanceOf(CannotStartException.class);
    assertThat(templates.problems()).isEmpty();
  }
}
