package io.caravan.route.check;

import io.caravan.route.component.Component;
import io.caravan.route.component.Component.Kind;
import io.caravan.route.component.Components;
import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;

/** Checks that languages are installed and that expressions in the simple language parse. */
record Expressions(CamelCatalog catalog, Settings settings, Components components)
    implements RouteCheck.FileCheck {
  private static final Set<String> PREDICATES = Set.of("filter", "when", "validate");

  @Override
  public Stream<Problem> check(RouteFile file) {
    return file.routesAndConfigurations().stream()
        .flatMap(Element::steps)
        .flatMap(step ->
            Stream.of(language(file, step), dataFormat(file, step), simple(file, step))
                .flatMap(it -> it));
  }

  private Stream<Problem> language(RouteFile file, Element step) {
    return isTakenBy(step, catalog)
        ? step.body().get("expression").orElse(step.body()).entries().stream()
            .flatMap(it -> missing(file, it, components.find(Kind.LANGUAGE, it.key())))
        : Stream.of();
  }

  private static Stream<Problem> missing(
      RouteFile file, Yaml.Entry entry, Optional<Component> component) {
    return component
        .filter(it -> !it.installed())
        .map(it -> Endpoints.missing(file, entry.place(), it))
        .stream();
  }

  /** Whether a kind of step has an expression. */
  static boolean isTakenBy(Element step, CamelCatalog catalog) {
    var model = catalog.eipModel(step.kind());
    return model != null
        && model.getOptions().stream().anyMatch(it -> it.getName().equals("expression"));
  }

  private Stream<Problem> dataFormat(RouteFile file, Element step) {
    return step.kind().equals("marshal") || step.kind().equals("unmarshal")
        ? step.body().entries().stream()
            .flatMap(it ->
                missing(
                    file,
                    it,
                    components.dataFormat(it.key(), it.value().text("library").orElse(""))))
        : Stream.of();
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
            file.error(
                yaml.place(),
                Optional.ofNullable(result.getShortError()).orElse(result.getError()).strip() + ".",
                "Correct the expression; camel.apache.org/components/languages/simple-language"
                    + " has its functions."));
  }
}
