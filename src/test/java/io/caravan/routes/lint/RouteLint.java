package io.caravan.routes.lint;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.impl.DefaultCamelContext;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Checks files of routes without starting them and reports all mistakes at once. */
final class RouteLint {
  private final List<Function<RouteFile, Stream<Problem>>> checks;

  RouteLint(Settings settings) {
    var catalog = new DefaultCamelCatalog(true);
    var scratch = new DefaultCamelContext();
    settings.values().ifPresent(scratch.getPropertiesComponent()::setInitialProperties);
    checks =
        List.of(
            FileConventions::check,
            RouteConventions::check,
            settings::check,
            new Syntax(scratch)::check,
            Expressions.of(catalog, settings)::check,
            new Endpoints(catalog, settings)::check);
  }

  /** Every {@code *.camel.yaml} below a folder. */
  static Map<String, String> read(Path folder) throws IOException {
    var texts = new TreeMap<String, String>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (var path : paths.filter(it -> it.toString().endsWith(".camel.yaml")).toList()) {
        var name = folder.relativize(path).toString().replace(File.separatorChar, '/');
        texts.put(name, Files.readString(path));
      }
    }
    return texts;
  }

  /** Checks texts by their paths below {@code routes/}. */
  List<Problem> check(Map<String, String> texts) {
    var problems = new ArrayList<Problem>();
    var files = new ArrayList<RouteFile>();
    texts.forEach((name, text) -> read(name, text, files, problems));
    files.forEach(file -> checks.forEach(check -> check.apply(file).forEach(problems::add)));
    Links.check(files).forEach(problems::add);
    return problems.stream().distinct().sorted().toList();
  }

  private static void read(
      String name, String text, List<RouteFile> files, List<Problem> problems) {
    try {
      Yaml.parse(text)
          .filter(root -> !root.items().isEmpty())
          .ifPresentOrElse(
              root -> files.add(new RouteFile(name, text, root)),
              () -> problems.add(new Problem(name, 1, "A file is a list of routes.")));
    } catch (MarkedYamlEngineException mistake) {
      problems.add(Syntax.problem(name, mistake));
    }
  }
}
