package io.caravan.cli;

import io.caravan.route.graph.RouteGraph;
import io.caravan.route.yaml.RouteFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan routes graph}: draws which route calls which. */
@Command(
    name = "graph",
    mixinStandardHelpOptions = true,
    description = {
      "Draws the routes: which route calls which, and the endpoints that they read and write.",
      "Starts nothing, and needs no service."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:drawn", "1:there is no such file, or a file is not valid", "2:wrong usage"})
final class RoutesGraphCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE|PIPELINE",
      description =
          "Route files, or names of pipelines or providers: only their routes, with those around them.")
  private List<String> chosen = List.of();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "mermaid or svg; default: ${DEFAULT-VALUE}.")
  private Format format = Format.mermaid;

  /** How routes are drawn. */
  enum Format {
    mermaid,
    svg
  }

  @Override
  public Integer call() throws IOException {
    try (ConfigurableApplicationContext settings = OperatorCommand.settings()) {
      return draw(Path.of(settings.getEnvironment().getRequiredProperty("caravan.routes")));
    }
  }

  private int draw(Path folder) throws IOException {
    Map<String, String> texts = RouteFile.read(folder);
    var names = new LinkedHashSet<String>();
    for (String each : chosen) {
      List<String> found = find(each, folder, texts);
      if (found.isEmpty()) {
        return fail(
            "There is no route file %s; %s has %s."
                .formatted(each, folder, String.join(", ", texts.keySet())));
      }
      names.addAll(found);
    }
    var files = new ArrayList<RouteFile>();
    for (Map.Entry<String, String> each : texts.entrySet()) {
      try {
        RouteFile.parse(each.getKey(), each.getValue()).ifPresent(files::add);
      } catch (MarkedYamlEngineException mistake) {
        return fail("%s is not valid. Run \"./caravan routes check\".".formatted(each.getKey()));
      }
    }
    RouteGraph all = RouteGraph.of(files);
    RouteGraph graph = names.isEmpty() ? all : all.around(names);
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        switch (format) {
          case mermaid -> graph.mermaid();
          case svg -> graph.svg();
        });
    out.flush();
    return 0;
  }

  /** The files with a name or path; adds one from elsewhere, as if it was copied to pipelines. */
  private static List<String> find(String chosen, Path folder, Map<String, String> texts)
      throws IOException {
    Path path = Path.of(chosen);
    if (Files.isRegularFile(path)) {
      String name = RouteFile.nameIn(folder, path);
      texts.put(name, Files.readString(path));
      return List.of(name);
    }
    return texts.keySet().stream()
        .filter(
            it -> it.equals(chosen) || it.replaceFirst(".*/", "").equals(chosen + RouteFile.ENDING))
        .toList();
  }

  private int fail(String message) {
    spec.commandLine().getErr().println(message);
    return OperatorCommand.FAILED;
  }
}
