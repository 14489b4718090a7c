package io.caravan.route.component;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Fetches libraries from the repositories that the user's Maven knows. */
public final class Maven {
  /** Spring contains its classes. */
  private static final Library REPLACED = new Library("commons-logging", "commons-logging", "");

  private final Path command;
  private final Runnable beforeDownload;

  private Maven(Path command, Runnable beforeDownload) {
    this.command = command;
    this.beforeDownload = beforeDownload;
  }

  /**
   * Finds the Maven wrapper in the launcher's folder, else Maven itself on the PATH.
   *
   * @param beforeDownload announces that libraries are not here yet and a download begins
   */
  public static Optional<Maven> of(Path home, Runnable beforeDownload) {
    return command(home).map(it -> new Maven(it, beforeDownload));
  }

  private static Optional<Path> command(Path home) {
    Path wrapper = home.resolve("mvnw");
    boolean compiler = Files.exists(Path.of(System.getProperty("java.home"), "bin", "javac"));
    return compiler && Files.isExecutable(wrapper) // which refuses a runtime without compiler
        ? Optional.of(wrapper)
        : Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
            .map(folder -> Path.of(folder, "mvn"))
            .filter(Files::isExecutable)
            .findFirst();
  }

  /**
   * Copies libraries and all that they need, except Caravan's own, into the folder {@code jars} of
   * a work folder.
   *
   * @return for each library, the names of the jars it needs and no earlier one brings
   */
  List<List<String>> fetch(List<Library> wanted, Path work)
      throws IOException, InterruptedException, NotFetchedException {
    Files.writeString(work.resolve("pom.xml"), project(wanted));
    if (run(work, "--offline").isPresent()) {
      beforeDownload.run();
      Optional<String> problem = run(work, "--update-snapshots"); // asks again for what was missing
      if (problem.isPresent()) {
        throw new NotFetchedException(problem.get());
      }
    }
    JsonNode tree = new JsonMapper().readTree(work.resolve("tree.json").toFile());
    return tree.path("children").valueStream().map(it -> jars(it).toList()).toList();
  }

  private static Stream<String> jars(JsonNode library) {
    String classifier = library.path("classifier").asText();
    String jar =
        library.path("artifactId").asText()
            + "-"
            + library.path("version").asText()
            + (classifier.isEmpty() ? "" : "-" + classifier)
            + ".jar";
    return Stream.concat(
        Stream.of(jar), library.path("children").valueStream().flatMap(Maven::jars));
  }

  private static String project(List<Library> wanted) throws IOException {
    String exclusions =
        Stream.concat(Library.ofCaravan().stream(), Stream.of(REPLACED))
            .map(it -> "<exclusion>" + names(it) + "</exclusion>\n")
            .collect(joining());
    String dependencies =
        wanted.stream()
            .map(it ->
                "<dependency>%s%s<exclusions>\n%s</exclusions></dependency>\n"
                    .formatted(
                        names(it),
                        it.version().isEmpty() ? "" : "<version>" + it.version() + "</version>",
                        exclusions))
            .collect(joining());
    try (InputStream project = Maven.class.getResourceAsStream("components.pom")) {
      return new String(Objects.requireNonNull(project).readAllBytes(), StandardCharsets.UTF_8)
          .replace("<dependencies/>", "<dependencies>\n" + dependencies + "</dependencies>");
    }
  }

  private static String names(Library library) {
    return "<groupId>%s</groupId><artifactId>%s</artifactId>"
        .formatted(library.group(), library.artifact());
  }

  /** Returns what Maven says if it fails. */
  private Optional<String> run(Path work, String option) throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of(command.toString(), "--batch-mode", "--quiet", option));
    arguments.addAll(List.of("--file", "pom.xml"));
    arguments.addAll(List.of("dependency:copy-dependencies", "dependency:tree"));
    Path output = work.resolve("output.txt");
    var maven = new ProcessBuilder(arguments).directory(work.toFile()).redirectErrorStream(true);
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    maven.redirectOutput(output.toFile());
    int code = maven.start().waitFor();
    return code == 0 ? Optional.empty() : Optional.of(reason(Files.readString(output)));
  }

  /** The lines that name a library, or else the first error. */
  private static String reason(String output) {
    List<String> errors =
        output
            .lines()
            .filter(line -> line.startsWith("[ERROR]"))
            .map(line ->
                line.substring("[ERROR]".length()).replaceFirst("-> \\[Help .*", "").strip())
            .toList();
    String missing =
        errors.stream()
            .filter(line ->
                line.matches(".*(Could not find|Could not transfer|was not found|version).*"))
            .filter(line -> line.matches(".*[\\w.-]+:[\\w.-]+.*"))
            .distinct()
            .collect(joining(System.lineSeparator()));
    return missing.isEmpty() ? errors.stream().findFirst().orElse(output.strip()) : missing;
  }
}
