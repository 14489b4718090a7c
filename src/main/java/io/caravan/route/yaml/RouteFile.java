package io.caravan.route.yaml;

import io.caravan.route.yaml.Problem.Severity;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

  /** The texts of all route files below a folder, by their paths in it. */
  public static Map<String, String> read(Path folder) throws IOException {
    var texts = new TreeMap<String, String>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (var path : paths.filter(it -> it.toString().endsWith(ENDING)).toList()) {
        var name = folder.relativize(path).toString().replace(File.separatorChar, '/');
        texts.put(name, Files.readString(path));
      }
    }
    return texts;
  }

  /** The folder below {@code routes/}, empty for the folder itself. */
  public String folder() {
    return name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "";
  }

  /** The file name without folder and suffix: the name of the provider or pipeline. */
  public String family() {
    return name.substring(name.lastIndexOf('/') + 1).replaceAll("\\..*", "");
  }

  /** Whether the file describes a pipeline, which users write. */
  public boolean isPipeline() {
    return folder().equals(PIPELINES);
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
