package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the command with a stand-in for Maven; the journeys of brokers use the real one. */
@Tag("thorough")
class AddCommandTest {
  /** Resolves each library to its own jar and one that all need, in the version of a file. */
  private static final String MAVEN =
      """
      #!/bin/sh
      echo "$@" >> "$(dirname "$0")/calls.txt"
      case "$*" in *--offline*) [ -f "$(dirname "$0")/here" ] || exit 1 ;; esac
      if grep -q camel-xmpp pom.xml; then
        echo "[ERROR] Failed to execute goal on project components"
        echo "[ERROR]   Could not find artifact org.apache.camel:camel-xmpp:jar:4.0 in central"
        exit 1
      fi
      version=$(cat "$(dirname "$0")/version")
      mkdir -p jars
      echo shared > "jars/shared-$version.jar"
      children=
      needs=', "children": [{"artifactId": "shared", "version": "'$version'", "classifier": ""}]'
      for artifact in $(sed -n 's/.*<dependency>.*<artifactId>\\(.*\\)<.artifactId>.*/\\1/p' pom.xml); do
        echo "$artifact" > "jars/$artifact-$version.jar"
        children="$children${children:+,}{\\"artifactId\\": \\"$artifact\\", \\"version\\": \\"$version\\", \\"classifier\\": \\"\\"$needs}"
        needs=
      done
      echo "{\\"children\\": [$children]}" > tree.json
      """;

  @TempDir private Path folder;
  private Path lib;

  @BeforeEach
  void prepareMaven() throws IOException {
    lib = folder.resolve("lib");
    Path maven = Files.writeString(folder.resolve("mvnw"), MAVEN);
    assertThat(maven.toFile().setExecutable(true)).isTrue();
    Files.writeString(folder.resolve("version"), "1.0");
  }

  @Test
  void installsWhatANameStandsFor() throws IOException {
    Told told = add("sftp", "imaps", "camel-quartz", "org.postgresql:pgjdbc-ng:0.8");

    assertThat(told.code()).as(told.text()).isZero();
    assertThat(told.text())
        .contains("sftp: org.apache.camel:camel-ftp, 2 jars, 0 kB")
        .contains("imaps: org.apache.camel:camel-mail, 1 jar, 0 kB")
        .contains("org.postgresql:pgjdbc-ng:0.8: ")
        .contains("Start Caravan again to use them.");
    assertThat(jars())
        .containsExactlyInAnyOrder(
            "camel-ftp-1.0.jar",
            "camel-mail-1.0.jar",
            "camel-quartz-1.0.jar",
            "pgjdbc-ng-1.0.jar",
            "shared-1.0.jar");
  }

  @Test
  void asksTheNetworkOnlyForWhatIsMissing() throws IOException {
    add("sftp");
    Files.createFile(folder.resolve("here"));
    Told again = add("sftp");

    assertThat(Files.readAllLines(folder.resolve("calls.txt")))
        .map(line -> line.contains("--offline"))
        .containsExactly(true, false, true);
    assertThat(again.text()).contains("has them already.");
  }

  @Test
  void keepsOneVersionOfEachAndTheJarsOfUsers() throws IOException {
    add("sftp");
    Files.writeString(lib.resolve("own-1.0.jar"), "own");
    Files.writeString(folder.resolve("version"), "2.0");
    Told more = add("quartz");

    assertThat(more.text()).contains("quartz: ").doesNotContain("sftp: ");
    assertThat(jars())
        .containsExactlyInAnyOrder(
            "camel-ftp-2.0.jar", "camel-quartz-2.0.jar", "own-1.0.jar", "shared-2.0.jar");
    Files.writeString(folder.resolve("version"), "3.0");
    assertThat(add().text()).contains("quartz: ", "sftp: ");
    assertThat(jars()).contains("camel-ftp-3.0.jar", "own-1.0.jar").hasSize(4);
  }

  @Test
  void suggestsNamesForAnUnknownOne() {
    assertThat(add("kafak"))
        .returns(1, Told::code)
        .satisfies(told -> assertThat(told.text()).contains("\"kafak\"", "Did you mean kafka"));
    assertThat(folder.resolve("calls.txt")).doesNotExist();
  }

  @Test
  void doesNotCopyWhatCaravanContains() {
    Told told = add("file", "json-jackson-is-no-name");

    assertThat(told.text()).contains("file: camel-file is part of Caravan.");
    assertThat(lib).doesNotExist();
    assertThat(add("jackson").code()).isZero();
  }

  @Test
  void reportsWhatMavenCannotFetch() throws IOException {
    add("sftp");
    Told told = add("xmpp");

    assertThat(told.code()).isEqualTo(1);
    assertThat(told.text()).contains("Could not find artifact org.apache.camel:camel-xmpp");
    assertThat(jars()).containsExactlyInAnyOrder("camel-ftp-1.0.jar", "shared-1.0.jar");
  }

  @Test
  void listsComponents() {
    assertThat(Told.by(List.of("components", "kafka"), Map.of()).text()).contains("add kafka");
    assertThat(Told.by(List.of("components", "no such thing"), Map.of()).code()).isEqualTo(1);
  }

  private Told add(String... names) {
    return Told.by(
        Stream.concat(Stream.of("add"), Stream.of(names)).toList(),
        Map.of("caravan.home", folder.toString(), "caravan.lib", lib.toString()));
  }

  private List<String> jars() throws IOException {
    try (Stream<Path> files = Files.list(lib)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("components.json"))
          .toList();
    }
  }
}
