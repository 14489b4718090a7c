package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the launcher in a checkout whose build is replaced by one that waits. */
class LauncherTest {
  /** Waits, at most a minute, until the test lets it go on, and then fails. */
  private static final String BUILD =
      """
      #!/bin/sh
      echo "begin $$" >> builds
      for i in $(seq 600); do [ -f go-on ] && break; sleep 0.1; done
      echo "end $$" >> builds
      exit 1
      """;

  @TempDir private Path checkout;

  @BeforeEach
  void copyLauncher() throws IOException {
    Files.createDirectories(checkout.resolve("src/main"));
    Files.createDirectory(checkout.resolve("config"));
    Files.createDirectory(checkout.resolve(".mvn"));
    Files.createFile(checkout.resolve("pom.xml"));
    Files.copy(Path.of(".mvn/jdk.sh"), checkout.resolve(".mvn/jdk.sh"));
    Files.copy(Path.of("caravan"), checkout.resolve("caravan"));
    Files.writeString(checkout.resolve("mvnw"), BUILD);
    assertThat(checkout.resolve("caravan").toFile().setExecutable(true)).isTrue();
    assertThat(checkout.resolve("mvnw").toFile().setExecutable(true)).isTrue();
  }

  @AfterEach
  void goOn() throws IOException {
    if (!Files.exists(checkout.resolve("go-on"))) {
      Files.createFile(checkout.resolve("go-on"));
    }
  }

  @Test
  void waitsForTheBuildOfAKilledLauncher() throws Exception {
    try (CaravanProcess first = launch();
        CaravanProcess second = launchBeside(first)) {
      first.kill(); // its build continues

      assertThat(second.isAlive()).isTrue();
      assertThat(builds()).hasSize(1);
      goOn();
      await().until(() -> !second.isAlive());
      assertThat(builds())
          .extracting(line -> line.split(" ", 2)[0])
          .containsExactly("begin", "end", "begin", "end");
    }
  }

  @Test
  void takesOverWhenTheBuildIsKilled() throws Exception {
    try (CaravanProcess first = launch();
        CaravanProcess second = launchBeside(first)) {
      long build = Long.parseLong(builds().getFirst().split(" ", 2)[1]);
      first.kill();
      ProcessHandle.of(build).orElseThrow().destroyForcibly();

      await().until(() -> builds().size() == 2);
      assertThat(builds().getLast()).startsWith("begin").doesNotEndWith("" + build);
      assertThat(second.isAlive()).isTrue();
    }
  }

  private CaravanProcess launch() throws IOException {
    CaravanProcess launcher =
        CaravanProcess.start(checkout.resolve("caravan"), checkout, Map.of(), "status");
    await().until(() -> launcher.output().contains("Building Caravan") && !builds().isEmpty());
    return launcher;
  }

  private CaravanProcess launchBeside(CaravanProcess first) throws IOException {
    CaravanProcess second =
        CaravanProcess.start(checkout.resolve("caravan"), checkout, Map.of(), "status");
    await()
        .until(() ->
            second
                .output()
                .contains("Waiting for another launcher, process " + first.id() + ", which"));
    return second;
  }

  private List<String> builds() throws IOException {
    Path file = checkout.resolve("builds");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }
}
