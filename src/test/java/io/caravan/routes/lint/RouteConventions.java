package io.caravan.routes.lint;

import static java.util.function.Predicate.not;

import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks the names and the form of routes and steps. */
final class RouteConventions {
  private static final Pattern KEBAB_CASE = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  private static final Pattern DESCRIPTION = Pattern.compile("\\p{Lu}.*[^.\\s]");
  private static final Set<String> NEEDS_ID = Set.of("to", "toD", "bean");

  private final RouteFile file;

  private RouteConventions(RouteFile file) {
    this.file = file;
  }

  static Stream<Problem> check(RouteFile file) {
    var conventions = new RouteConventions(file);
    return Stream.concat(
        file.routes().stream().flatMap(conventions::route),
        file.routesAndConfigurations().stream().flatMap(Element::steps).flatMap(conventions::step));
  }

  private Stream<Problem> route(Element route) {
    var complete = route.from().filter(from -> from.body().get("steps").isPresent()).isPresent();
    return Stream.of(
            problem(route.id().isEmpty(), route.line(), "A route needs an id."),
            kebabCase(route),
            description(route),
            problem(!complete, route.line(), "A route needs a from, and its steps inside from."),
            route.from().stream().flatMap(from -> source(route, from)))
        .flatMap(it -> it);
  }

  private Stream<Problem> description(Element route) {
    var written = route.body().entry("description");
    var text = written.flatMap(it -> it.value().text()).orElse("");
    return written.isEmpty()
        ? problem(true, route.line(), "A route needs a description.")
        : problem(
            !DESCRIPTION.matcher(text).matches(),
            written.get().line(),
            "A description is one line that starts with a capital and ends without a period.");
  }

  private Stream<Problem> source(Element route, Element from) {
    var endpoint = from.endpoint().orElse("");
    var name = endpoint.replaceFirst("^(direct|seda):", "");
    var caught = route.body().get("errorHandler").flatMap(it -> it.get("noErrorHandler")).isEmpty();
    return Stream.of(
            problem(
                !name.equals(endpoint) && !route.id().orElse(name).equals(name),
                from.line(),
                "A route that reads %s must have the id %s.".formatted(endpoint, name)),
            problem(
                endpoint.startsWith("direct:") && caught && !file.folder().equals("pipelines"),
                route.line(),
                "A route called through direct needs errorHandler: {noErrorHandler: {}}."),
            uri(from))
        .flatMap(it -> it);
  }

  private Stream<Problem> step(Element step) {
    var noId =
        problem(
            NEEDS_ID.contains(step.kind()) && step.id().isEmpty(),
            step.line(),
            "%s needs an id that says what the step does.".formatted(step.kind()));
    return Stream.of(noId, kebabCase(step), uri(step)).flatMap(it -> it);
  }

  private Stream<Problem> kebabCase(Element element) {
    return element.body().entry("id").stream()
        .filter(not(id -> KEBAB_CASE.matcher(id.value().text().orElse("")).matches()))
        .map(id -> file.problem(id.line(), "Write the id in kebab-case."));
  }

  private Stream<Problem> uri(Element element) {
    return element.body().entry("uri").stream()
        .filter(uri -> uri.value().text().orElse("").replaceAll("\\$\\{[^}]*}", "").contains("?"))
        .map(uri -> file.problem(uri.line(), "Put options under parameters:, not into the uri."));
  }

  private Stream<Problem> problem(boolean wrong, int line, String message) {
    return wrong ? Stream.of(file.problem(line, message)) : Stream.of();
  }
}
