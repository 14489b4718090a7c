package io.caravan.routes.lint;

import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.ObjectHelper;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Checks with Camel's own parser, which stops at the first mistake of a file. */
record Syntax(CamelContext scratch) {
  private static final Pattern ENVIRONMENT = Pattern.compile("\\{\\{env:\\w+}}");

  Stream<Problem> check(RouteFile file) {
    try {
      var resource =
          ResourceHelper.fromString(
              file.name(), ENVIRONMENT.matcher(file.text()).replaceAll("env"));
      for (var routes : PluginHelper.getRoutesLoader(scratch).findRoutesBuilders(resource)) {
        var builder = (RouteConfigurationBuilder) routes;
        builder.setCamelContext(scratch);
        builder.configure();
        builder.configuration();
      }
      return Stream.of();
    } catch (Exception mistake) { // the loader declares nothing narrower
      return Stream.of(problem(file, mistake));
    }
  }

  private static Problem problem(RouteFile file, Exception mistake) {
    for (var cause : ObjectHelper.createExceptionIterable(mistake)) {
      if (cause instanceof MarkedYamlEngineException marked) {
        return problem(file.name(), marked);
      }
    }
    return file.problem(1, String.valueOf(mistake.getMessage()));
  }

  static Problem problem(String file, MarkedYamlEngineException mistake) {
    return new Problem(file, Yaml.line(mistake.getProblemMark()), mistake.getProblem());
  }
}
