package io.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that versions in several files agree for a release. */
class ReleaseTest {
  @Test
  void usesSameVersionEverywhere() {
    String version = found("pom.xml", "(?m)^  <version>(.+)</version>").getFirst();

    assertThat(
            Stream.of("k8s", "src/docs", "README.md")
                .flatMap(start -> filesBelow(start).stream())
                .flatMap(file -> found(file, "caravan:(\\d[\\w.-]*)").stream()))
        .as("tags of images")
        .isNotEmpty()
        .containsOnly(version);
  }

  @Test
  void datesEveryReleaseInTheChangelog() {
    String version = found("pom.xml", "(?m)^  <version>(.+)</version>").getFirst();
    List<String> headings = found("CHANGELOG.md", "(?m)^## (.+)$");

    assertThat(headings.getFirst()).isEqualTo("[Unreleased]");
    assertThat(headings.subList(1, headings.size()))
        .isNotEmpty()
        .allMatch(heading -> heading.matches("\\[\\d+\\.\\d+\\.\\d+] - \\d{4}-\\d{2}-\\d{2}"));
    if (!version.endsWith("-SNAPSHOT")) {
      assertThat(headings.get(1)).startsWith("[" + version + "] - ");
    }
  }

  private static List<String> filesBelow(String start) {
    try (Stream<Path> files = Files.walk(Path.of(start))) {
      return files.filter(Files::isRegularFile).map(Path::toString).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> found(String file, String pattern) {
    try {
      return Pattern.compile(pattern)
          .matcher(Files.readString(Path.of(file)))
          .results()
          .map((MatchResult match) -> match.group(1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
