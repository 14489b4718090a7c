package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;

/**
 * The archive of classes that the launcher writes after a first run. Without it each process of
 * these tests would load and verify 15,000 classes from jars.
 */
final class ClassArchive {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Path FILE =
      TARGET.resolve("app/classes-%d.jsa".formatted(Runtime.version().feature()));
  private static final Path JAR = TARGET.resolve("caravan.jar.original");
  private static final Duration LONGEST = Duration.ofMinutes(4);

  private static boolean made;

  private ClassArchive() {}

  /** Writes it if there is none for the jar; other test processes wait meanwhile. */
  static synchronized void make() throws IOException {
    if (made) {
      return;
    }
    made = true;
    Files.createDirectories(TARGET);
    try (FileChannel lock =
        FileChannel.open(
            TARGET.resolve(".classes.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock.lock();
      if (!isNew()) {
        run(Files.createTempDirectory(TARGET, "classes-"));
      }
    }
  }

  private static boolean isNew() throws IOException {
    return Files.exists(FILE)
        && Files.exists(JAR)
        && Files.getLastModifiedTime(FILE).compareTo(Files.getLastModifiedTime(JAR)) > 0;
  }

  private static void run(Path folder) throws IOException {
    Path sample = Path.of("samples/quickstart.jsonl").toAbsolutePath();
    try (CaravanProcess first =
        CaravanProcess.begin(folder, Map.of("JAVA_OPTS", ""), "run", sample.toString())) {
      assertThat(first.runsFor(LONGEST)).as(first.output()).isFalse();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
