package io.caravan.routes.lint;

import java.util.List;
import java.util.stream.Stream;

/** A file of routes, named by its path below {@code routes/}. */
public record RouteFile(String name, String text, Yaml root) {
  /** The folder below {@code routes/}, empty for the folder itself. */
  String folder() {
    return name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "";
  }

  /** The file name without folder and suffix: the name of the provider or pipeline. */
  String family() {
    return name.substring(name.lastIndexOf('/') + 1).replaceAll("\\..*", "");
  }

  public List<Element> routes() {
    return topLevel("route").toList();
  }

  /** The entries that contain steps. */
  List<Element> routesAndConfigurations() {
    return Stream.concat(topLevel("route"), topLevel("routeConfiguration")).toList();
  }

  private Stream<Element> topLevel(String kind) {
    return root.items().stream()
        .flatMap(item -> item.entry(kind).stream())
        .map(it -> new Element(kind, it.line(), it.value()));
  }

  Problem problem(int line, String message) {
    return new Problem(name, line, message);
  }
}
