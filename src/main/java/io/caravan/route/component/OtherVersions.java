package io.caravan.route.component;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds jars of Camel in {@code lib/} that belong to another version than Caravan's own. */
public final class OtherVersions {
  private static final Pattern JAR =
      Pattern.compile("camel-(.+?)(?:-starter)?-(\\d[\\w.-]*)\\.jar");

  private OtherVersions() {}

  /**
   * Says which jars on a class path are of another version, and what to do.
   *
   * @param version Camel's version
   */
  public static Optional<String> on(String classPath, String version) throws IOException {
    List<Path> jars =
        Stream.of(classPath.split(File.pathSeparator))
            .map(Path::of)
            .filter(it -> isOther(it, version))
            .toList();
    if (jars.isEmpty()) {
      return Optional.empty();
    }
    Path folder = jars.getFirst().toAbsolutePath().resolveSibling("");
    return Optional.of(
        "%s has jars of another version than Caravan's Camel, %s: %s. %s and start Caravan again."
            .formatted(
                folder,
                version,
                jars.stream().map(OtherVersions::name).collect(joining(", ")),
                wasAdded(jars, folder)
                    ? "Run \"./caravan add\""
                    : "Delete them, run \"./caravan add %s\""
                        .formatted(
                            jars.stream()
                                .map(it -> JAR.matcher(name(it)).replaceFirst("$1"))
                                .distinct()
                                .collect(joining(" ")))));
  }

  private static boolean isOther(Path jar, String version) {
    var parts = JAR.matcher(name(jar));
    return parts.matches() && !parts.group(2).equals(version) && Files.isRegularFile(jar);
  }

  /** Whether "caravan add" fetched them and replaces them. */
  private static boolean wasAdded(List<Path> jars, Path folder) throws IOException {
    List<String> added =
        new LibFolder(folder).added().stream().flatMap(it -> it.jars().stream()).toList();
    return jars.stream().map(OtherVersions::name).allMatch(added::contains);
  }

  private static String name(Path jar) {
    return String.valueOf(jar.getFileName());
  }
}
