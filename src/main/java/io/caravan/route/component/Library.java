package io.caravan.route.component;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A library, as Maven names it.
 *
 * @param version empty if it is the one that belongs to Caravan's version of Camel or Spring Boot
 */
public record Library(String group, String artifact, String version) {
  private static final Pattern COORDINATES =
      Pattern.compile("([\\w.-]+):([\\w.-]+)(?::([\\w.+-]+))?");

  /** A line of the list that the build writes: {@code group:artifact:type:…}. */
  private static final Pattern LISTED = Pattern.compile("\\s+([\\w.-]+):([\\w.-]+):.*");

  /** Parses {@code group:artifact} or {@code group:artifact:version}. */
  public static Optional<Library> of(String coordinates) {
    Matcher parts = COORDINATES.matcher(coordinates);
    return parts.matches()
        ? Optional.of(
            new Library(
                parts.group(1), parts.group(2), Objects.requireNonNullElse(parts.group(3), "")))
        : Optional.empty();
  }

  /** Caravan's own libraries, without versions. */
  static List<Library> ofCaravan() {
    try (InputStream list = Library.class.getResourceAsStream("libraries.txt")) {
      return new BufferedReader(
              new InputStreamReader(Objects.requireNonNull(list), StandardCharsets.UTF_8))
          .lines()
          .map(LISTED::matcher)
          .filter(Matcher::matches)
          .map(line -> new Library(line.group(1), line.group(2), ""))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether Caravan includes it. */
  public boolean isOfCaravan() {
    return ofCaravan().stream().anyMatch(this::isVersionOf);
  }

  /** Whether it is the same library, in whatever version. */
  boolean isVersionOf(Library other) {
    return group.equals(other.group) && artifact.equals(other.artifact);
  }

  @Override
  public String toString() {
    return group + ":" + artifact + (version.isEmpty() ? "" : ":" + version);
  }
}
