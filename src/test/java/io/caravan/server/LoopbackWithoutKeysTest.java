package io.caravan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.client.UnfitSettingsException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class LoopbackWithoutKeysTest {
  private static final String HASH = "0".repeat(64);
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"server.address=0.0.0.0", "server.address=::", "server.address="})
  void requiresKeysOrOpenModeWhenOthersCanReachIt(String address, CapturedOutput output) {
    assertThatThrownBy(() -> TestServer.start(directory, address))
        .hasRootCauseInstanceOf(UnfitSettingsException.class);

    assertThat(output)
        .contains("Description:", "has no keys", "Action:", "CARAVAN_SERVER_OPEN=true");
  }

  @Test
  void startsWithKeys() throws Exception {
    try (var server =
        TestServer.start(
            directory, "server.address=0.0.0.0", "caravan.server.keys.alice=" + HASH)) {
      assertThat(server.get("/v1/files").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void startsOpenWhenConfigured() throws Exception {
    try (var server =
        TestServer.start(directory, "server.address=0.0.0.0", "caravan.server.open=true")) {
      assertThat(server.get("/v1/files").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void refusesAKeyInsteadOfItsHashWithoutShowingIt(CapturedOutput output) {
    assertThatThrownBy(() -> TestServer.start(directory, "caravan.server.keys.alice=sk-plain"))
        .hasRootCauseInstanceOf(UnfitSettingsException.class);

    assertThat(output)
        .contains("caravan.server.keys.alice is not a SHA-256 hash", "sha256sum")
        .doesNotContain("sk-plain");
  }
}
