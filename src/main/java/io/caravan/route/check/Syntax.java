package io.caravan.route.check;

import io.caravan.route.yaml.Place;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.Problem.Severity;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
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
  private static final Pattern SEVERAL_KEYS =
      Pattern.compile("Node should .* 1 key.*keys: \\[(.*)].*", Pattern.DOTALL);

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
    return Stream.concat(repeatedKeys(file), problems.stream());
  }

  /** Camel takes the last one of two equal keys and ignores the others. */
  private static Stream<Problem> repeatedKeys(RouteFile file) {
    return file.root()
        .all()
        .flatMap(mapping -> {
          var first = new HashMap<String, Yaml.Entry>();
          return mapping.entries().stream()
              .flatMap(entry ->
                  Optional.ofNullable(first.putIfAbsent(entry.key(), entry)).stream()
                      .map(it ->
                          file.error(
                              entry.place(),
                              "%s is written twice, first in line %d."
                                  .formatted(entry.key(), it.place().line()),
                              "Remove one of them.")));
        });
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
    int from = mistake.line();
    boolean isItem = lines.get(from - 1).strip().startsWith("- ");
    Optional<Yaml> mistaken =
        isItem
            ? root.all()
                .flatMap(it -> it.items().stream())
                .filter(it -> it.place().line() == from)
                .findFirst()
            : entry(root, it -> it.place().line() == from).map(Yaml.Entry::value);
    if (mistaken.isEmpty()) {
      return false;
    }
    String indent = " ".repeat(lines.get(from - 1).indexOf('-') + 1);
    blank(lines, from, Math.max(from + 1, mistaken.get().end()));
    if (isItem) {
      lines.set(from - 1, indent.substring(1) + "- stop: {}"); // the list may not be empty
    }
    return true;
  }

  private static Optional<Yaml.Entry> entry(Yaml root, Predicate<Yaml.Entry> which) {
    return root.all().flatMap(it -> it.entries().stream()).filter(which).findFirst();
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
    return entry(file.root(), it -> it.key().matches("route|from") && it.value().text().isPresent())
        .map(it ->
            file.error(it.place(), it.key() + " is empty.", "Indent what belongs to it below it."))
        .orElseGet(() -> file.error(Place.START, String.valueOf(mistake.getMessage()), ADVICE));
  }

  private Problem problem(RouteFile file, MarkedYamlEngineException mistake) {
    var place = Place.of(mistake.getProblemMark());
    var several = SEVERAL_KEYS.matcher(mistake.getProblem());
    if (several.matches()) {
      return file.error(
          place,
          "Here are several names: %s.".formatted(several.group(1).replace(",", ", ")),
          "A route or step is one name, with its options indented below it.");
    }
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
        : notAnOption(file, name, place);
  }

  /** Camel's place is that of the option, or that of the element which it is in. */
  private Problem notAnOption(RouteFile file, String name, Place place) {
    var option =
        file.root()
            .all()
            .filter(it -> it.place().equals(place))
            .flatMap(it -> it.entry(name).stream())
            .findFirst()
            .map(Yaml.Entry::place)
            .orElse(place);
    return file.error(
        option,
        "%s is not an option here.".formatted(name),
        name.matches("parameters|steps")
            ? "Indent it below the step, or the from:, that it belongs to."
            : Nearest.to(name, options(file, option), ADVICE));
  }

  /** The options of the step or expression whose entry is at that line. */
  private List<String> options(RouteFile file, Place entry) {
    return entry(
            file.root(),
            it ->
                it.value().entries().stream()
                    .anyMatch(inner -> inner.place().line() == entry.line()))
        .map(it -> catalog.eipModel(it.key()))
        .map(model -> model.getOptions().stream().map(it -> it.getName()).toList())
        .orElse(List.of("id", "description", "from", "routeConfigurationId"));
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
        Place.of(
            mistake.getProblem().contains("end of stream") // of a text in quotes: where it begins
                ? mistake.getContextMark()
                : mistake.getProblemMark()),
        Severity.ERROR,
        "The file is not valid: %s.".formatted(mistake.getProblem()),
        "Check indentation, quotes and colons here and in the line before.");
  }
}
