package io.caravan.route.check;

import static java.util.function.Predicate.not;

import io.caravan.route.yaml.Place;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import java.util.List;
import java.util.stream.Stream;

/** Checks that the file of a provider or a pipeline has the routes that others call. */
final class Family implements RouteCheck.FileCheck {
  private static final List<String> PROVIDER_VERBS =
      List.of("submit", "retrieve-status", "retrieve-files", "cancel", "release");
  private static final List<String> PIPELINE_ROUTES = List.of("inbox", "results", "errors");

  @Override
  public Stream<Problem> check(RouteFile file) {
    var prefix = file.family() + "-";
    return switch (file.folder()) {
      case "providers" ->
          Stream.concat(
              missing(file, PROVIDER_VERBS),
              file.routes().stream()
                  .filter(route -> route.id().filter(not(id -> id.startsWith(prefix))).isPresent())
                  .map(route ->
                      file.warning(
                          route.place(),
                          "The id of a provider's route starts with %s.".formatted(prefix),
                          "Rename the route.")));
      case RouteFile.PIPELINES -> missing(file, PIPELINE_ROUTES);
      default -> Stream.of();
    };
  }

  private static Stream<Problem> missing(RouteFile file, List<String> names) {
    var ids = file.routes().stream().flatMap(route -> route.id().stream()).toList();
    return names.stream()
        .map(name -> file.family() + "-" + name)
        .filter(not(ids::contains))
        .map(id ->
            file.error(
                Place.START,
                "Route %s is missing.".formatted(id),
                file.isPipeline()
                    ? "Add a route with this id; routes/pipelines/default.camel.yaml shows how."
                    : "Add a route with this id; src/docs/add-a-provider.md shows how."));
  }
}
