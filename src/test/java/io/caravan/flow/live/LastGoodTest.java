package io.caravan.flow.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.route.yaml.RouteFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastGoodTest {
  private static final RouteFile FILE =
      RouteFile.parse("pipelines/acme.camel.yaml", "- beans: []\n").orElseThrow();

  @Test
  void keepsFilesInAPrivateFolder(@TempDir Path data) throws IOException {
    Path folder = data.resolve("routes");
    var lastGood = new LastGood(folder);

    lastGood.save(FILE);

    assertThat(lastGood.text(FILE.name())).contains(FILE.text());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
  }
}
