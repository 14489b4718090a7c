package io.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** Checks the contents of the released jar. */
class PackagedIT {
  private final List<String> entries = entries();

  @Test
  void excludesWindowsBinariesAndDebugSymbols() {
    assertThat(entries).noneMatch(it -> it.matches(".*\\.(dll|pdb|lib)|.*\\.dSYM/.*"));
  }

  @Test
  void includesSqliteForEveryPlatform() {
    assertThat(entries)
        .filteredOn(it -> it.matches("org/sqlite/native/.*/[^/]+"))
        .extracting(it -> it.replaceAll("org/sqlite/native/(.*)/[^/]+", "$1"))
        .containsExactlyInAnyOrder(
            "Linux/x86_64",
            "Linux/aarch64",
            "Linux-Musl/x86_64",
            "Linux-Musl/aarch64",
            "Mac/x86_64",
            "Mac/aarch64");
  }

  @Test
  void includesOneCommonsLogging() {
    assertThat(entries).containsOnlyOnce("org/apache/commons/logging/LogFactory.class");
  }

  /** The entries of all libraries in the jar. */
  private static List<String> entries() {
    var entries = new ArrayList<String>();
    try (var jar = new ZipFile("target/caravan.jar")) {
      for (ZipEntry library : jar.stream().filter(it -> it.getName().endsWith(".jar")).toList()) {
        var in = new ZipInputStream(jar.getInputStream(library));
        for (ZipEntry it = in.getNextEntry(); it != null; it = in.getNextEntry()) {
          entries.add(it.getName());
        }
      }
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
