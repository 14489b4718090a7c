package io.caravan.route.graph;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.Yaml;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.tooling.model.BaseOptionModel;

/**
 * An endpoint that a route reads or writes.
 *
 * @param uri the URI without options and passwords, such as {@code direct:job-accept}
 */
record RouteEndpoint(String uri) {
  private static final Set<String> SENDING =
      Set.of("to", "toD", "wireTap", "enrich", "pollEnrich", "poll");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^{}]*)}|\\{\\{([^{}]*)}}");

  private static final Pattern OPTIONS_AND_PASSWORD =
      Pattern.compile("(?<=[:/])[^:/@]+:[^/@]*@|\\?.*");

  /** Names that beans compute as a whole, with the routes that can have them. */
  private static final Map<String, String> COMPUTED =
      Map.of(
          "direct:${body.step}",
          "direct:(job|batch)-(validate|submit|retrieve|settle|deliver-results|deliver-errors|report|release)",
          "direct:${exchangeProperty.reportRoute}",
          "direct:(report-folder|(?!job-).+-report)");

  /** The endpoint that a route reads. */
  static Optional<RouteEndpoint> from(Element route, CamelCatalog catalog) {
    return route.from().flatMap(it -> of(it, it.body(), catalog));
  }

  /** The endpoints that the steps of a route or of an error handler write. */
  static Stream<RouteEndpoint> to(Element route, CamelCatalog catalog) {
    return route
        .steps()
        .filter(step -> SENDING.contains(step.kind()))
        .flatMap(step -> of(step, step.body(), catalog).stream());
  }

  private static Optional<RouteEndpoint> of(Element element, Yaml body, CamelCatalog catalog) {
    return element
        .endpoint()
        .or(() -> expression(body))
        .map(uri -> uri.contains(":") ? uri : uri + path(uri, body, catalog))
        .map(uri -> OPTIONS_AND_PASSWORD.matcher(uri).replaceAll(""))
        .map(RouteEndpoint::new);
  }

  /** The URI of a step such as {@code enrich}, which has it as an expression. */
  private static Optional<String> expression(Yaml body) {
    return body.get("expression").or(() -> Optional.of(body)).stream()
        .flatMap(it -> it.entries().stream())
        .filter(it -> it.key().matches("simple|constant"))
        .flatMap(it -> it.value().text("expression").or(() -> it.value().text()).stream())
        .findFirst();
  }

  /** The parameters that belong to the path of a component. */
  private static String path(String scheme, Yaml body, CamelCatalog catalog) {
    var model = catalog.componentModel(scheme);
    if (model == null) {
      return "";
    }
    return body.get("parameters").stream()
        .flatMap(parameters ->
            model.getEndpointPathOptions().stream()
                .map(BaseOptionModel::getName)
                .flatMap(name -> parameters.text(name).stream()))
        .reduce("", (path, part) -> path + ":" + part);
  }

  boolean isRoute() {
    return uri.matches("(direct|seda):.*");
  }

  /** Whether the exchange of the caller continues at once. */
  boolean isAsynchronous() {
    return uri.startsWith("seda:");
  }

  /** The names of the variables in it; empty if it has none. */
  String variables() {
    return VARIABLE
        .matcher(uri)
        .results()
        .map(it -> Optional.ofNullable(it.group(1)).orElseGet(() -> it.group(2)))
        .map(it -> it.replaceFirst(".*\\.", ""))
        .reduce("", (names, name) -> names.isEmpty() ? name : names + ", " + name);
  }

  /** Whether it can reach a route that reads this URI. */
  boolean reaches(String source) {
    if (!isRoute()) {
      return false;
    }
    String computed = COMPUTED.get(uri);
    if (computed != null) {
      return source.matches(computed);
    }
    var literals = new StringBuilder();
    int end = 0;
    for (Matcher it = VARIABLE.matcher(uri); it.find(); end = it.end()) {
      literals.append(Pattern.quote(uri.substring(end, it.start()))).append(".+");
    }
    return source.matches(literals + Pattern.quote(uri.substring(end)));
  }
}
