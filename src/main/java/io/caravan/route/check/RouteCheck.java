package io.caravan.route.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.function.Predicate.not;

import io.caravan.route.component.Components;
import io.caravan.route.yaml.Place;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.springframework.util.function.SingletonSupplier;

/** Checks files of routes without starting them and reports all problems at once. */
public final class RouteCheck {
  /** Made when first needed: at most starts, all files are trusted. */
  private final SingletonSupplier<List<FileCheck>> checks;

  private final Predicate<RouteFile> trusted;
  private final Links links;

  /** Checks with what the routes can use, and with further checks of a file. */
  public RouteCheck(Surroundings surroundings, FileCheck... further) {
    this(file -> false, surroundings, further);
  }

  /** The same, but checks trusted files only for what other files could break in them. */
  public RouteCheck(Predicate<RouteFile> trusted, Surroundings surroundings, FileCheck... further) {
    this.trusted = trusted;
    links = new Links(new Settings(surroundings.settings()));
    checks = SingletonSupplier.of(() -> checks(surroundings, List.of(further)));
  }

  private static List<FileCheck> checks(Surroundings surroundings, List<FileCheck> further) {
    var catalog = new DefaultCamelCatalog(true);
    var settings = new Settings(surroundings.settings());
    var components = new Components(catalog, surroundings.libraries());
    var checks = new ArrayList<>(further);
    checks.addAll(
        List.of(
            new Family(),
            new Style(catalog),
            new Secrets(catalog),
            new Streaming(),
            settings,
            new Syntax(catalog),
            new Options(catalog),
            new Beans(surroundings.beans(), surroundings.libraries()),
            new Expressions(catalog, settings, components),
            new Endpoints(catalog, settings, components)));
    return checks;
  }

  /**
   * Checks texts by their paths below {@code routes/}. If two files have the same id or inbox, the
   * second one has the problem.
   */
  public List<Problem> check(Map<String, String> texts) {
    var problems = new ArrayList<Problem>();
    var files = new ArrayList<RouteFile>();
    texts.forEach((name, text) -> {
      try {
        RouteFile.parse(name, text).ifPresentOrElse(files::add, () -> problems.add(empty(name)));
      } catch (MarkedYamlEngineException mistake) {
        problems.add(Syntax.problem(name, text, mistake));
      }
    });
    files.stream()
        .filter(not(trusted))
        .forEach(
            file -> checks.obtain().forEach(check -> check.check(file).forEach(problems::add)));
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

  /** Whether a file is as shipped; the build has checked it. */
  public static boolean isShipped(RouteFile file) {
    try (InputStream in = RouteCheck.class.getResourceAsStream("/routes/" + file.name())) {
      return in != null && file.text().equals(new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      return false;
    }
  }

  /** A check of one file by itself. */
  public interface FileCheck {
    /** The problems of a file. */
    Stream<Problem> check(RouteFile file);
  }
}
