package io.caravan.routes.lint;

import static java.util.stream.Collectors.toSet;

import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;

/** Checks across files that called routes exist and ids are unique. */
final class Links {
  static Stream<Problem> check(List<RouteFile> files) {
    return Stream.concat(deadCalls(files), repeatedIds(files));
  }

  private static Stream<Problem> deadCalls(List<RouteFile> files) {
    var sources =
        files.stream()
            .flatMap(file -> file.routes().stream())
            .flatMap(route -> route.from().flatMap(Element::endpoint).stream())
            .collect(toSet());
    return files.stream()
        .flatMap(file ->
            file.routesAndConfigurations().stream()
                .flatMap(Element::steps)
                .flatMap(step ->
                    step
                        .endpoint()
                        .filter(it -> it.matches("(direct|seda):[^${]*"))
                        .filter(it -> !sources.contains(it))
                        .map(it -> file.problem(step.line(), "No route reads %s.".formatted(it)))
                        .stream()));
  }

  /** Camel requires unique ids of all steps and routes, and does not start otherwise. */
  private static Stream<Problem> repeatedIds(List<RouteFile> files) {
    var seen = new HashMap<String, Problem>();
    return files.stream()
        .flatMap(file -> ids(file))
        .flatMap(id -> {
          var first = seen.putIfAbsent(id.message(), id);
          return first == null
              ? Stream.of()
              : Stream.of(
                  new Problem(
                      id.file(),
                      id.line(),
                      "Id %s repeats %s line %d."
                          .formatted(id.message(), first.file(), first.line())));
        });
  }

  private static Stream<Problem> ids(RouteFile file) {
    return file.routesAndConfigurations().stream()
        .flatMap(route -> Stream.concat(Stream.of(route), route.steps()))
        .flatMap(it -> it.id().map(id -> file.problem(it.line(), id)).stream());
  }
}
