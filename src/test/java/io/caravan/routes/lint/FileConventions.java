package io.caravan.routes.lint;

import static java.util.function.Predicate.not;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Checks the contents of a file of routes. */
final class FileConventions {
  private static final int MOST_LINES = 60;
  private static final Pattern SECRET =
      Pattern.compile(
          "\\{\\{[^}]*(key|password|secret|token)(?![a-z])[^}]*}}", Pattern.CASE_INSENSITIVE);
  private static final Pattern HOST = Pattern.compile("https?://(\\[[^]]*]|[^/:?#\\s{$]+)");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final List<String> PROVIDER_VERBS =
      List.of("submit", "retrieve-status", "retrieve-files", "cancel", "release");
  private static final List<String> PIPELINE_ROUTES = List.of("inbox", "results", "errors");

  static Stream<Problem> check(RouteFile file) {
    return Stream.of(length(file), topLevel(file), family(file), texts(file)).flatMap(it -> it);
  }

  /** A route fits on a screen. */
  private static Stream<Problem> length(RouteFile file) {
    var starts = new ArrayList<>(file.root().items().stream().map(Yaml::line).toList());
    starts.add((int) file.text().lines().count() + 1);
    return IntStream.range(1, starts.size())
        .filter(next -> starts.get(next) - starts.get(next - 1) > MOST_LINES)
        .mapToObj(next ->
            file.problem(
                starts.get(next - 1),
                "More than %d lines. Move steps to another route.".formatted(MOST_LINES)));
  }

  private static Stream<Problem> topLevel(RouteFile file) {
    var allowed =
        file.folder().equals("pipelines")
            ? Set.of("route", "routeConfiguration", "beans")
            : Set.of("route", "routeConfiguration");
    return file.root().items().stream()
        .flatMap(item -> item.entries().stream())
        .filter(entry -> !allowed.contains(entry.key()))
        .map(entry ->
            file.problem(
                entry.line(),
                "%s is not allowed here, only %s.".formatted(entry.key(), sorted(allowed))));
  }

  /** Provider and pipeline files must contain the routes that others call. */
  private static Stream<Problem> family(RouteFile file) {
    var prefix = file.family() + "-";
    return switch (file.folder()) {
      case "providers" ->
          Stream.concat(
              missing(file, PROVIDER_VERBS),
              file.routes().stream()
                  .filter(route -> route.id().filter(not(id -> id.startsWith(prefix))).isPresent())
                  .map(route ->
                      file.problem(
                          route.line(),
                          "The id of a provider's route starts with %s.".formatted(prefix))));
      case "pipelines" -> missing(file, PIPELINE_ROUTES);
      default -> Stream.of();
    };
  }

  private static Stream<Problem> missing(RouteFile file, List<String> names) {
    var ids = file.routes().stream().flatMap(route -> route.id().stream()).toList();
    return names.stream()
        .map(name -> file.family() + "-" + name)
        .filter(not(ids::contains))
        .map(id -> file.problem(1, "Route %s is missing.".formatted(id)));
  }

  private static Stream<Problem> texts(RouteFile file) {
    return file.root()
        .all()
        .flatMap(yaml -> yaml.text().stream().flatMap(text -> text(file, yaml.line(), text)));
  }

  private static Stream<Problem> text(RouteFile file, int line, String text) {
    var secrets =
        SECRET
            .matcher(text)
            .results()
            .map(it ->
                file.problem(
                    line,
                    "%s looks like a secret. Let the bean read it from the environment."
                        .formatted(it.group())));
    var hosts =
        HOST.matcher(text)
            .results()
            .map(it -> it.group(1))
            .filter(not(LOOPBACK::contains))
            .map(host ->
                file.problem(
                    line,
                    "Host %s is hard-coded. Make it a setting: {{caravan.…}}.".formatted(host)));
    return Stream.concat(secrets, hosts);
  }

  private static String sorted(Set<String> names) {
    return String.join(", ", new TreeSet<>(names));
  }
}
