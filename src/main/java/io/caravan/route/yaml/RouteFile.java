package io.caravan.route.yaml;

import io.caravan.route.yaml.Problem.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A file of routes.
 *
 * @param name its path below {@code routes/}
 */
public record RouteFile(String name, String text, Yaml root) {
  /** The ending of the names of route files. */
  public static final String ENDING = ".camel.yaml";

  /** The folder with what users write. */
  public static final String PIPELINES = "pipelines";

  /**
   * Reads a text; empty if it has no list at its top; fails with a marked exception if it is not
   * YAML.
   */
  public static Optional<RouteFile> parse(String name, String text) {
    return Yaml.parse(text)
        .filter(root -> !root.items().isEmpty())
        .map(root -> new RouteFile(name, text, root));
  }

  /**
   * The texts of the route files in a folder and its subfolders, by their paths in it. Links are
   * followed; hidden folders, which mounted ConfigMaps have, are left out.
   */
  public static Map<String, String> read(Path folder) throws IOException {
    var texts = new TreeMap<String, String>();
    read(folder, "", texts);
    for (Path each : entries(folder)) {
      if (Files.isDirectory(each) && !name(each).startsWith(".")) {
        read(each, name(each) + "/", texts);
      }
    }
    return texts;
  }

  private static void read(Path folder, String prefix, Map<String, String> texts)
      throws IOException {
    for (Path each : entries(folder)) {
      if (name(each).endsWith(ENDING) && !name(each).startsWith(".") && Files.isRegularFile(each)) {
        texts.put(prefix + name(each), Files.readString(each));
      }
    }
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** The folder below {@code routes/}, empty for the folder itself. */
  public String folder() {
    return name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "";
  }

  /** The file name without folder and suffix: the name of the provider or pipeline. */
  public String family() {
    return family(name);
  }

  /** The same for the path of a file below {@code routes/}. */
  public static String family(String name) {
    return name.substring(name.lastIndexOf('/') + 1).replaceAll("\\..*", "");
  }

  /** Whether the file describes a pipeline, which users write. */
  public boolean isPipeline() {
    return isPipeline(name);
  }

  /** The same for the path of a file below {@code routes/}. */
  public static boolean isPipeline(String name) {
    return name.startsWith(PIPELINES + "/");
  }

  /** The path of a file in a folder of routes; one from elsewhere counts as copied to pipelines. */
  public static String nameIn(Path folder, Path file) throws IOException {
    Path real = file.toRealPath();
    return real.startsWith(folder.toRealPath())
        ? folder.toRealPath().relativize(real).toString().replace('\\', '/')
        : PIPELINES + "/" + file.getFileName();
  }

  /** Its routes. */
  public List<Element> routes() {
    return topLevel("route").toList();
  }

  /** The entries that contain steps. */
  public List<Element> routesAndConfigurations() {
    return Stream.concat(topLevel("route"), topLevel("routeConfiguration")).toList();
  }

  private Stream<Element> topLevel(String kind) {
    return root.items().stream()
        .flatMap(item -> item.entry(kind).stream())
        .map(it -> new Element(kind, it.place(), it.value()));
  }

  /** The beans that the file declares. */
  public List<Yaml> beans() {
    return root.items().stream()
        .flatMap(item -> item.get("beans").stream())
        .flatMap(it -> it.items().stream())
        .toList();
  }

  /** A problem that keeps the routes of this file from running. */
  public Problem error(Place place, String message, String fix) {
    return new Problem(name, place, Severity.ERROR, message, fix);
  }

  /** A finding about style. */
  public Problem warning(Place place, String message, String fix) {
    return new Problem(name, place, Severity.WARNING, message, fix);
  }
}
