package io.caravan.route.check;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;

/** Checks that languages are installed and that expressions in the simple language parse. */
record Expressions(CamelCatalog catalog, Settings settings, Predicate<String> installed)
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
    var names = new HashSet<>(catalog.findLanguageNames());
    return step.body().get("expression").orElse(step.body()).entries().stream()
        .filter(it -> names.contains(it.key()) && takesExpression(step))
        .filter(it -> !installed.test("language/" + it.key()))
        .map(it ->
            file.error(
                it.place(),
                "The language %s is not installed.".formatted(it.key()),
                Endpoints.add(it.key())));
  }

  private boolean takesExpression(Element step) {
    var model = catalog.eipModel(step.kind());
    return model != null
        && model.getOptions().stream().anyMatch(it -> it.getName().equals("expression"));
  }

  private Stream<Problem> dataFormat(RouteFile file, Element step) {
    if (!step.kind().equals("marshal") && !step.kind().equals("unmarshal")) {
      return Stream.of();
    }
    return step.body().entries().stream()
        .filter(it -> catalog.dataFormatModel(implementation(it)) != null)
        .filter(it -> !installed.test("dataformat/" + implementation(it)))
        .map(it ->
            file.error(
                it.place(),
                "The data format %s is not installed.".formatted(it.key()),
                Endpoints.add(implementation(it))));
  }

  /** The data format that an entry of marshal names; JSON has several libraries. */
  private static String implementation(Yaml.Entry format) {
    return format.key().equals("json")
        ? format.value().text("library").map(String::toLowerCase).orElse("jackson")
        : format.key();
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
