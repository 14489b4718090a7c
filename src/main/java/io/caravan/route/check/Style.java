package io.caravan.route.check;

import static java.util.function.Predicate.not;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;

/** Checks ids, descriptions and the canonical form, which editors of routes need. */
final class Style implements RouteCheck.FileCheck {
  private static final int MOST_LINES = 60;
  private static final Pattern KEBAB_CASE = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  private static final Pattern DESCRIPTION = Pattern.compile("\\p{Lu}.*[^.\\s]");
  private static final Set<String> NEEDS_ID = Set.of("to", "toD", "bean");
  private static final Pattern HOST = Pattern.compile("https?://(\\[[^]]*]|[^/:?#\\s{$]+)");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final CamelCatalog catalog;
  private final Set<String> languages;

  Style(CamelCatalog catalog) {
    this.catalog = catalog;
    languages = new HashSet<>(catalog.findLanguageNames());
    languages.add("method"); // the YAML name of the language "bean"
  }

  @Override
  public Stream<Problem> check(RouteFile file) {
    return Stream.of(
            length(file),
            topLevel(file),
            file.isPipeline() ? Stream.<Problem>of() : hosts(file),
            file.routes().stream().flatMap(route -> route(file, route)),
            file.routesAndConfigurations().stream()
                .flatMap(Element::steps)
                .flatMap(step -> step(file, step)))
        .flatMap(it -> it);
  }

  /** A route fits on a screen; a list of HTTP paths need not. */
  private static Stream<Problem> length(RouteFile file) {
    var starts = new ArrayList<>(file.root().items());
    var last = (int) file.text().lines().count() + 1;
    return IntStream.range(0, starts.size())
        .filter(at -> starts.get(at).entry("rest").isEmpty())
        .filter(at -> {
          int next = at + 1 < starts.size() ? starts.get(at + 1).place().line() : last;
          return next - starts.get(at).place().line() > MOST_LINES;
        })
        .mapToObj(at ->
            file.warning(
                starts.get(at).place(),
                "More than %d lines.".formatted(MOST_LINES),
                "Move steps to another route."));
  }

  private static Stream<Problem> topLevel(RouteFile file) {
    var allowed =
        file.isPipeline()
            ? Set.of("route", "routeConfiguration", "beans")
            : Set.of("rest", "restConfiguration", "route", "routeConfiguration");
    return file.root().items().stream()
        .flatMap(item -> item.entries().stream())
        .filter(entry -> !allowed.contains(entry.key()))
        .map(entry ->
            file.warning(
                entry.place(),
                "%s at the top level is not checked and cannot be edited live."
                    .formatted(entry.key()),
                "Use %s.".formatted(String.join(", ", new TreeSet<>(allowed)))));
  }

  private static Stream<Problem> hosts(RouteFile file) {
    return file.root()
        .all()
        .flatMap(yaml ->
            HOST.matcher(yaml.text().orElse(""))
                .results()
                .map(it -> it.group(1))
                .filter(not(LOOPBACK::contains))
                .map(host ->
                    file.warning(
                        yaml.place(),
                        "Host %s is hard-coded.".formatted(host),
                        "Make it a setting: {{caravan.…}}.")));
  }

  private Stream<Problem> route(RouteFile file, Element route) {
    var complete = route.from().filter(from -> from.body().get("steps").isPresent()).isPresent();
    return Stream.of(
            warning(
                route.id().isEmpty(),
                file,
                route,
                "A route needs an id.",
                "Add id: with a name in kebab-case."),
            kebabCase(file, route),
            description(file, route),
            complete // Camel does not start a route without steps
                ? Stream.<Problem>of()
                : Stream.of(
                    file.error(
                        route.place(),
                        "A route needs a from with its steps inside.",
                        "Put steps: under from:.")),
            route.from().stream().flatMap(from -> source(file, route, from)))
        .flatMap(it -> it);
  }

  private Stream<Problem> description(RouteFile file, Element route) {
    var written = route.body().entry("description");
    var text = written.flatMap(it -> it.value().text()).orElse("");
    return written.isEmpty()
        ? warning(
            true,
            file,
            route,
            "A route needs a description.",
            "Add description: with one line for its operators.")
        : Stream.of(written.get())
            .filter(it -> !DESCRIPTION.matcher(text).matches())
            .map(it ->
                file.warning(
                    it.place(),
                    "A description is one line that starts with a capital and ends without a"
                        + " period.",
                    "Rewrite it."));
  }

  private Stream<Problem> source(RouteFile file, Element route, Element from) {
    var endpoint = from.endpoint().orElse("");
    var name = endpoint.replaceFirst("^(direct|seda):", "");
    var caught =
        route.body().get("errorHandler").flatMap(it -> it.get("noErrorHandler")).isEmpty()
            && route.body().get("routeConfigurationId").isEmpty();
    return Stream.of(
            warning(
                !name.equals(endpoint) && !route.id().orElse(name).equals(name),
                file,
                from,
                "A route that reads %s must have the id %s.".formatted(endpoint, name),
                "Rename one of them."),
            warning(
                endpoint.startsWith("direct:") && caught && !file.isPipeline(),
                file,
                route,
                "A route called through direct needs errorHandler: {noErrorHandler: {}} or a routeConfigurationId.",
                "Add it, so that its caller handles failures."),
            uri(file, from))
        .flatMap(it -> it);
  }

  private Stream<Problem> step(RouteFile file, Element step) {
    var noId =
        warning(
            NEEDS_ID.contains(step.kind()) && step.id().isEmpty(),
            file,
            step,
            "%s needs an id.".formatted(step.kind()),
            "Add id: that says what the step does.");
    return Stream.of(noId, kebabCase(file, step), uri(file, step), form(file, step))
        .flatMap(it -> it);
  }

  private Stream<Problem> kebabCase(RouteFile file, Element element) {
    return element.body().entry("id").stream()
        .filter(not(id -> KEBAB_CASE.matcher(id.value().text().orElse("")).matches()))
        .map(id ->
            file.warning(
                id.place(), "Write the id in kebab-case.", "For example: take-large-files."));
  }

  private Stream<Problem> uri(RouteFile file, Element element) {
    return element.body().entry("uri").stream()
        .filter(uri -> uri.value().text().orElse("").replaceAll("\\$\\{[^}]*}", "").contains("?"))
        .map(uri ->
            file.warning(uri.place(), "Options are in the uri.", "Put options under parameters:."));
  }

  /** Expressions are in long form. */
  private Stream<Problem> form(RouteFile file, Element step) {
    if (!Expressions.isTakenBy(step, catalog)) {
      return Stream.of();
    }
    var inline =
        step.body().entries().stream()
            .filter(it -> languages.contains(it.key()))
            .map(it -> form(file, it, "Put %s: under expression:.".formatted(it.key())));
    var brief =
        step.body().get("expression").stream()
            .flatMap(it -> it.entries().stream())
            .filter(it -> languages.contains(it.key()) && it.value().text().isPresent())
            .map(
                it -> form(file, it, "Put the text of %s: under expression:.".formatted(it.key())));
    return Stream.concat(inline, brief);
  }

  private static Problem form(RouteFile file, Yaml.Entry entry, String fix) {
    return file.warning(entry.place(), "The expression is not in its long form.", fix);
  }

  private static Stream<Problem> warning(
      boolean wrong, RouteFile file, Element element, String message, String fix) {
    return wrong ? Stream.of(file.warning(element.place(), message, fix)) : Stream.of();
  }
}
