package io.caravan.route.check;

import io.caravan.route.component.Components;
import io.caravan.route.yaml.Place;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Checks files of routes without starting them and reports all problems at once. */
public final class RouteCheck {
  private final List<FileCheck> checks;
  private final Links links;

  /** Checks with what the routes can use, and with further checks of a file. */
  public RouteCheck(Surroundings surroundings, FileCheck... further) {
    var catalog = new DefaultCamelCatalog(true);
    var settings = new Settings(surroundings.settings());
    var components = new Components(catalog, surroundings.libraries());
    links = new Links(settings);
    checks = new ArrayList<>(List.of(further));
    checks.addAll(
        List.of(
            new Family(),
            new Style(catalog),
            new Secrets(catalog),
            new Streaming(),
            settings,
            new Syntax(catalog),
            new Beans(surroundings.beans(), surroundings.libraries()),
            new Expressions(catalog, settings, components),
            new Endpoints(catalog, settings, components)));
  }

  /** Checks texts by their paths below {@code routes/}. */
  public List<Problem> check(Map<String, String> texts) {
    var problems = new ArrayList<Problem>();
    var files = new ArrayList<RouteFile>();
    new TreeMap<>(texts)
        .forEach((name, text) -> {
          try {
            RouteFile.parse(name, text)
                .ifPresentOrElse(files::add, () -> problems.add(empty(name)));
          } catch (MarkedYamlEngineException mistake) {
            problems.add(Syntax.problem(name, mistake));
          }
        });
    files.forEach(file -> checks.forEach(check -> check.check(file).forEach(problems::add)));
    links.check(files).forEach(problems::add);
    return problems.stream().distinct().sorted().toList();
  }

  private static Problem empty(String name) {
    return new Problem(
        name,
        Place.START,
        Problem.Severity.ERROR,
        "The file has no routes.",
        "A file is a list of routes; routes/pipelines/default.camel.yaml is an example.");
  }

  /** A check of one file by itself. */
  public interface FileCheck {
    /** The problems of a file. */
    Stream<Problem> check(RouteFile file);
  }
}
