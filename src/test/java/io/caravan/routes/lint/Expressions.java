package io.caravan.routes.lint;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;

/** Checks that expressions are in long form and, in the simple language, that they parse. */
record Expressions(CamelCatalog catalog, Set<String> languages, Settings settings) {
  private static final Set<String> PREDICATES = Set.of("filter", "when", "validate");

  static Expressions of(CamelCatalog catalog, Settings settings) {
    var languages = new HashSet<>(catalog.findLanguageNames());
    languages.add("method"); // the YAML name of the language "bean"
    return new Expressions(catalog, languages, settings);
  }

  Stream<Problem> check(RouteFile file) {
    return file.routesAndConfigurations().stream()
        .flatMap(Element::steps)
        .flatMap(step -> Stream.concat(form(file, step), simple(file, step)));
  }

  private Stream<Problem> form(RouteFile file, Element step) {
    if (!takesExpression(step)) {
      return Stream.of();
    }
    var inline =
        step.body().entries().stream()
            .filter(it -> languages.contains(it.key()))
            .map(it -> file.problem(it.line(), "Put %s: under expression:.".formatted(it.key())));
    var brief =
        step.body().get("expression").stream()
            .flatMap(it -> it.entries().stream())
            .filter(it -> languages.contains(it.key()) && it.value().text().isPresent())
            .map(it ->
                file.problem(
                    it.line(), "Put the text of %s: under expression:.".formatted(it.key())));
    return Stream.concat(inline, brief);
  }

  private boolean takesExpression(Element step) {
    var model = catalog.eipModel(step.kind());
    return model != null
        && model.getOptions().stream().anyMatch(it -> it.getName().equals("expression"));
  }

  private Stream<Problem> simple(RouteFile file, Element step) {
    return text(step).flatMap(it -> problem(file, step, it)).stream();
  }

  /** The text of a step in the simple language. */
  private static Optional<Yaml> text(Element step) {
    return switch (step.kind()) {
      case "toD" -> step.body().get("uri");
      case "log" -> step.body().get("message");
      default ->
          step.body()
              .get("expression")
              .orElse(step.body())
              .get("simple")
              .map(it -> it.get("expression").orElse(it));
    };
  }

  private Optional<Problem> problem(RouteFile file, Element step, Yaml yaml) {
    var text = settings.resolve(yaml.text().orElse(""), "0");
    var loader = Expressions.class.getClassLoader();
    var predicate = PREDICATES.contains(step.kind()) || step.body().text("doWhile").isPresent();
    var result =
        predicate
            ? catalog.validateLanguagePredicate(loader, "simple", text)
            : catalog.validateLanguageExpression(loader, "simple", text);
    return result.isSuccess()
        ? Optional.empty()
        : Optional.of(
            file.problem(
                yaml.line(),
                Optional.ofNullable(result.getShortError()).orElse(result.getError())));
  }
}
