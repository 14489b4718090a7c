package io.caravan.flow.live;

import static java.util.stream.Collectors.toSet;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A file whose routes are in Camel.
 *
 * @param routes the ids of its routes
 */
record LoadedFile(RouteFile file, List<String> routes) {
  /**
   * The routes that a new text of this file leaves as they are. If something else than a route
   * changes, such as a bean, none stays.
   */
  Set<String> unchanged(RouteFile next) {
    if (!others(file).equals(others(next)) || !hasIds(file) || !hasIds(next)) {
      return Set.of();
    }
    var before = new HashSet<>(texts(file, it -> it.entry("route").isPresent()));
    return next.root().items().stream()
        .filter(it -> it.entry("route").isPresent() && before.contains(text(next, it)))
        .flatMap(it -> it.get("route").stream())
        .flatMap(it -> it.text("id").stream())
        .filter(routes::contains)
        .collect(toSet());
  }

  private static boolean hasIds(RouteFile file) {
    return file.routes().stream().allMatch(it -> it.id().isPresent());
  }

  private static List<String> others(RouteFile file) {
    return texts(file, it -> it.entry("route").isEmpty());
  }

  private static List<String> texts(RouteFile file, Predicate<Yaml> which) {
    return file.root().items().stream().filter(which).map(it -> text(file, it)).toList();
  }

  private static String text(RouteFile file, Yaml item) {
    return String.join("\n", lines(file).subList(item.place().line() - 1, end(file, item))).strip();
  }

  /** The text of a file without these routes; other lines keep their numbers. */
  static String without(RouteFile file, Set<String> routes) {
    return cut(file, item -> id(item).filter(routes::contains).isPresent());
  }

  /** The text of the routes of a file except these, without beans and other entries. */
  static String onlyRoutes(RouteFile file, Set<String> except) {
    return cut(
        file,
        item -> item.entry("route").isEmpty() || id(item).filter(except::contains).isPresent());
  }

  private static Optional<String> id(Yaml item) {
    return item.get("route").flatMap(it -> it.text("id"));
  }

  private static String cut(RouteFile file, Predicate<Yaml> which) {
    var lines = lines(file);
    file.root().items().stream()
        .filter(which)
        .forEach(
            item -> Collections.fill(lines.subList(item.place().line() - 1, end(file, item)), ""));
    return String.join("\n", lines);
  }

  /** The routes that take files in, rather than being called by other routes. */
  Set<String> inboxes() {
    return file.routes().stream()
        .filter(it ->
            it.from()
                .flatMap(Element::endpoint)
                .filter(from -> !from.matches("(direct|seda):.*"))
                .isPresent())
        .flatMap(it -> it.id().stream())
        .filter(routes::contains)
        .collect(toSet());
  }

  private static ArrayList<String> lines(RouteFile file) {
    return new ArrayList<>(file.text().lines().toList());
  }

  /** The number of lines up to the end of an item. */
  private static int end(RouteFile file, Yaml item) {
    return file.root().items().stream()
        .mapToInt(it -> it.place().line())
        .filter(it -> it > item.place().line())
        .min()
        .stream()
        .map(it -> it - 1)
        .findFirst()
        .orElse((int) file.text().lines().count());
  }
}
