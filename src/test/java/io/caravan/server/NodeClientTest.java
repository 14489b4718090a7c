package io.caravan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.caravan.server.api.AccessTest;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's client for Node, installed by the profile {@code node}. */
class NodeClientTest {
  private static final Path SCRIPTS = Path.of("src/test/node");

  @Test
  void usesTheWholeApi(@TempDir Path folder) throws Exception {
    assumeThat(SCRIPTS.resolve("node_modules/openai"))
        .as("the openai package for Node; \"./mvnw verify -Pnode\" installs it")
        .exists();
    String key = "caravan.server.keys.alice=" + AccessTest.sha256("sk-alice");
    try (var upstream = new GatedUpstream();
        var server =
            TestServer.start(folder.resolve("all"), key, "caravan.upstream.url=" + upstream.url());
        var limited =
            TestServer.start(
                folder.resolve("limited"), key, "caravan.server.max-requests-per-minute=1")) {
      upstream.let(2);
      File output = folder.resolve("output").toFile();
      Process node =
          new ProcessBuilder("node", "cycle.mjs", server.url(), "sk-alice", limited.url())
              .directory(SCRIPTS.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output)
              .start();
      try {
        assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(node.exitValue()).as(Files.readString(output.toPath())).isZero();
      } finally {
        node.destroyForcibly();
      }
    }
  }
}
