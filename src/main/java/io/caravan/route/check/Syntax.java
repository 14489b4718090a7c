package io.caravan.route.check;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.Place;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.Problem.Severity;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.ObjectHelper;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Checks with Camel's own parser. It stops at the first mistake; to find all of them, the mistake
 * is blanked out and the rest is parsed again.
 */
final class Syntax implements RouteCheck.FileCheck {
  private static final int MOST_MISTAKES = 20;
  private static final String ADVICE = "See src/docs/edit-routes.md.";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{[^{}]*}}");
  private static final Pattern UNKNOWN =
      Pattern.compile("(Unknown node id|Unsupported field): (\\w[\\w-]*).*", Pattern.DOTALL);

  private final CamelCatalog catalog;
  private final CamelContext scratch = new DefaultCamelContext();

  Syntax(CamelCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public Stream<Problem> check(RouteFile file) {
    var problems = new ArrayList<Problem>();
    var lines = new ArrayList<>(file.text().lines().toList());
    for (int found = 0; found < MOST_MISTAKES; found++) {
      Optional<Problem> next = parse(file, String.join("\n", lines));
      if (next.isEmpty() || problems.contains(next.get())) {
        break;
      }
      problems.add(next.get());
      if (!blankOut(file.root(), next.get().place(), lines)) {
        break;
      }
    }
    return problems.stream();
  }

  private Optional<Problem> parse(RouteFile file, String text) {
    try {
      var resource =
          ResourceHelper.fromString(
              file.name(), PLACEHOLDER.matcher(withoutBeans(text)).replaceAll("1"));
      for (var routes : PluginHelper.getRoutesLoader(scratch).findRoutesBuilders(resource)) {
        var builder = (RouteConfigurationBuilder) routes;
        builder.setCamelContext(scratch);
        builder.configure();
        builder.configuration();
      }
      return Optional.empty();
    } catch (Exception mistake) { // the loader declares nothing narrower
      return Optional.of(problem(file, mistake));
    }
  }

  /** Beans are checked elsewhere; here they would be created. */
  private static String withoutBeans(String text) {
    var lines = new ArrayList<>(text.lines().toList());
    Yaml.parse(text).stream()
        .flatMap(root -> root.items().stream())
        .filter(item -> item.entry("beans").isPresent())
        .forEach(item -> blank(lines, item.place().line(), item.end()));
    return String.join("\n", lines);
  }

  /** Removes the entry or step that a mistake is in; false if that is not possible. */
  private static boolean blankOut(Yaml root, Place mistake, List<String> lines) {
    Optional<Yaml.Entry> entry =
        root.all()
            .flatMap(it -> it.entries().stream())
            .filter(it -> it.place().line() == mistake.line())
            .findFirst();
    if (entry.isEmpty()) {
      return false;
    }
    int from = mistake.line();
    boolean isItem = lines.get(from - 1).strip().startsWith("- ");
    String indent = " ".repeat(lines.get(from - 1).indexOf('-') + 1);
    blank(lines, from, Math.max(from + 1, entry.get().value().end()));
    if (isItem) {
      lines.set(from - 1, indent.substring(1) + "- stop: {}"); // the list may not be empty
    }
    return true;
  }

  private static void blank(List<String> lines, int from, int end) {
    Collections.fill(lines.subList(from - 1, Math.min(end - 1, lines.size())), "");
  }

  private Problem problem(RouteFile file, Exception mistake) {
    for (var cause : ObjectHelper.createExceptionIterable(mistake)) {
      if (cause instanceof MarkedYamlEngineException marked) {
        return problem(file, marked);
      }
    }
    return file.error(Place.START, String.valueOf(mistake.getMessage()), ADVICE);
  }

  private Problem problem(RouteFile file, MarkedYamlEngineException mistake) {
    var place = Place.of(mistake.getProblemMark());
    var unknown = UNKNOWN.matcher(mistake.getProblem());
    if (!unknown.matches()) {
      return problem(file.name(), file.text(), mistake);
    }
    var name = unknown.group(2);
    return unknown.group(1).equals("Unknown node id")
        ? file.error(
            place,
            "There is no step %s.".formatted(name),
            Nearest.to(name, new TreeSet<>(catalog.findModelNames()), ADVICE))
        : file.error(
            place,
            "%s is not an option here.".formatted(name),
            Nearest.to(name, options(file, place), ADVICE));
  }

  /** The options of the step whose entry is at that place. */
  private List<String> options(RouteFile file, Place entry) {
    return file.routesAndConfigurations().stream()
        .flatMap(Element::steps)
        .filter(step ->
            step.body().entries().stream().anyMatch(it -> it.place().line() == entry.line()))
        .findFirst()
        .map(step -> catalog.eipModel(step.kind()))
        .map(model -> model.getOptions().stream().map(it -> it.getName()).toList())
        .orElse(List.of("id", "description", "from", "steps", "routeConfigurationId"));
  }

  /** A text that is not YAML. The parser finds a missing space only much later. */
  static Problem problem(String file, String text, MarkedYamlEngineException mistake) {
    var lines = text.lines().toList();
    for (int line = 0; line < lines.size(); line++) {
      if (lines.get(line).matches("\\s*-[A-Za-z].*")) {
        return new Problem(
            file,
            new Place(line + 1, lines.get(line).indexOf('-') + 1),
            Severity.ERROR,
            "There is no space after the dash.",
            "Write \"- \" before the name.");
      }
    }
    return new Problem(
        file,
        Place.of(mistake.getProblemMark()),
        Severity.ERROR,
        "The file is not valid: %s.".formatted(mistake.getProblem()),
        "Check indentation, quotes and colons here and in the line before.");
  }
}
