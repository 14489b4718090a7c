package io.caravan.route.component;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherVersionsTest {
  @TempDir private Path lib;

  @Test
  void namesTheJarsThatAddReplaces() throws IOException {
    String path = classPath("camel-kafka-4.17.0.jar", "kafka-clients-3.9.2.jar");
    Files.writeString(
        lib.resolve("components.json"),
        """
        {"components": [{"name": "kafka", "library": "org.apache.camel:camel-kafka",
          "jars": ["camel-kafka-4.17.0.jar", "kafka-clients-3.9.2.jar"]}]}
        """);

    assertThat(OtherVersions.on(path, "4.18.0"))
        .hasValue(
            lib
                + " has jars of another version than Caravan's Camel, 4.18.0: camel-kafka-4.17.0.jar."
                + " Run \"./caravan add\" and start Caravan again.");
  }

  @Test
  void namesTheJarsThatAUserPutThere() throws IOException {
    String path =
        classPath(
            "camel-aws2-ses-4.18.0.jar", "camel-ftp-4.17.0.jar", "camel-sql-starter-4.19.1.jar");

    assertThat(OtherVersions.on(path, "4.18.0"))
        .hasValue(
            lib
                + " has jars of another version than Caravan's Camel, 4.18.0: camel-ftp-4.17.0.jar,"
                + " camel-sql-starter-4.19.1.jar. Delete them, run \"./caravan add ftp sql\" and"
                + " start Caravan again.");
  }

  @Test
  void acceptsJarsOfTheSameVersion() throws IOException {
    assertThat(OtherVersions.on(classPath("camel-ftp-4.18.0.jar", "jsch-2.27.7.jar"), "4.18.0"))
        .isEmpty();
    assertThat(OtherVersions.on(System.getProperty("java.class.path"), "4.18.0")).isEmpty();
  }

  private String classPath(String... jars) throws IOException {
    for (String jar : jars) {
      Files.createFile(lib.resolve(jar));
    }
    return "/opt/caravan/caravan.jar"
        + Stream.of(jars)
            .map(it -> File.pathSeparator + lib.resolve(it))
            .collect(Collectors.joining());
  }
}
