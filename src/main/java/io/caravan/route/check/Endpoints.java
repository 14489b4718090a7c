package io.caravan.route.check;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;

import io.caravan.route.component.Component;
import io.caravan.route.component.Component.Kind;
import io.caravan.route.component.Components;
import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.Place;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.tooling.model.BaseOptionModel;

/** Checks endpoints and their options with the catalog of Camel's components. */
record Endpoints(CamelCatalog catalog, Settings settings, Components components)
    implements RouteCheck.FileCheck {
  private static final Pattern DURATION = Pattern.compile("(\\d+(ms|[dhms]))+");
  private static final Pattern INVALID = Pattern.compile("Invalid (\\w+) value: (.*)");
  private static final String UNKNOWN = "Unknown option";

  @Override
  public Stream<Problem> check(RouteFile file) {
    return file.routesAndConfigurations().stream()
        .flatMap(route -> Stream.concat(route.from().stream(), route.steps()))
        .flatMap(it -> it.body().get("uri").stream().flatMap(uri -> problems(file, it, uri)));
  }

  /** A problem of a part of Camel that is not on the class path. */
  static Problem missing(RouteFile file, Place place, Component component) {
    return file.error(
        place,
        "The %s %s is not installed."
            .formatted(
                component.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                component.name()),
        "Run \"./caravan add %s\" and start Caravan again.".formatted(component.addName()));
  }

  private Stream<Problem> problems(RouteFile file, Element element, Yaml written) {
    var uri = settings.resolve(written.text().orElse(""));
    if (uri.startsWith("{{") || uri.startsWith("${")) {
      return Stream.of(); // known only at runtime
    }
    var scheme = uri.replaceAll("[:?].*", "");
    var component = components.find(Kind.COMPONENT, scheme);
    if (component.isEmpty()) {
      if (file.beans().stream()
          .anyMatch(it -> it.text("name").filter(scheme::equals).isPresent())) {
        return Stream.of(); // a component that the file declares
      }
      return Stream.of(
          file.error(
              written.place(),
              "There is no component %s.".formatted(scheme),
              Nearest.to(
                  scheme, catalog.findComponentNames(), "\"./caravan components\" lists all.")));
    }
    if (catalog.componentModel(scheme) == null) {
      return Stream.of(); // a component of the user's own
    }
    var missing =
        component.filter(it -> !it.installed()).map(it -> missing(file, written.place(), it));
    return Stream.concat(missing.stream(), options(file, element, written, uri, scheme));
  }

  private Stream<Problem> options(
      RouteFile file, Element element, Yaml written, String uri, String scheme) {
    var options = element.body().get("parameters");
    var whole = whole(uri, scheme, options.map(it -> values(scheme, it)).orElse(Map.of()));
    if (whole.isEmpty()) {
      return Stream.of(
          file.error(
              written.place(),
              "%s lacks a parameter: %s.".formatted(scheme, path(scheme)),
              "Add it under parameters:."));
    }
    var reads = element.kind().equals("from");
    var result = catalog.validateEndpointProperties(whole.get(), true, reads, !reads);
    return Optional.ofNullable(result.summaryErrorMessage(false)).stream()
        .flatMap(String::lines)
        .skip(1) // the component's name
        .filter(line -> !line.isBlank())
        .map(line -> line.strip().split("\\s+", 2))
        .map(it -> problem(file, place(options, it[0], written), scheme, it[0], it[1]));
  }

  /** A problem that the catalog reports in English of its own. */
  private Problem problem(
      RouteFile file, Place place, String scheme, String option, String reported) {
    if (reported.startsWith(UNKNOWN)) {
      return file.error(
          place,
          "%s has no option %s.".formatted(scheme, option),
          Nearest.to(
              option,
              names(scheme),
              "camel.apache.org/components/%s-component has its options.".formatted(scheme)));
    }
    if (reported.contains("not applicable in")) {
      boolean outbound = reported.contains("producer only");
      return file.error(
          place,
          "%s has the option %s only in %s."
              .formatted(scheme, option, outbound ? "from:" : "steps such as to:"),
          "Remove it.");
    }
    var invalid = INVALID.matcher(reported);
    if (invalid.matches() && Options.knows(invalid.group(1))) {
      return Options.unfit(file, place, option, invalid.group(2), invalid.group(1));
    }
    return file.error(
        place,
        "%s %s: %s.".formatted(scheme, option, reported.replaceFirst("\\. .*", "")),
        reported.contains(". ") ? reported.replaceFirst("^.*?\\. ", "") + "." : "");
  }

  private List<String> names(String scheme) {
    return catalog.componentModel(scheme).getEndpointOptions().stream()
        .map(BaseOptionModel::getName)
        .toList();
  }

  private Map<String, String> values(String scheme, Yaml options) {
    return options.entries().stream()
        .collect(toMap(Yaml.Entry::key, it -> value(scheme, it), (first, second) -> second));
  }

  /** Returns a value that is valid in a URI; the text itself is not checked. */
  private String value(String scheme, Yaml.Entry option) {
    var value = settings.resolve(option.value().text().orElse(""));
    if (option.key().equals("scheduler") && value.equals("quartz")) {
      return "#quartz"; // Camel knows the name, its catalog only references
    }
    return DURATION.matcher(value).matches() && isLong(scheme, option.key())
        ? "1" // Camel reads durations here, but its catalog does not know
        : value.replaceAll("[&%+?\\s]|(?<!^)#", "_"); // a leading # names a bean
  }

  private boolean isLong(String scheme, String option) {
    return catalog.componentModel(scheme).getEndpointOptions().stream()
        .anyMatch(it -> it.getName().equals(option) && it.getJavaType().equals("long"));
  }

  /** The URI with its options; empty if the path cannot be built from them. */
  private Optional<String> whole(String uri, String scheme, Map<String, String> options) {
    if (!uri.equals(scheme)) {
      var query = options.entrySet().stream().map(Object::toString).collect(joining("&"));
      return Optional.of(query.isEmpty() ? uri : uri + (uri.contains("?") ? "&" : "?") + query);
    }
    try {
      return Optional.of(catalog.asEndpointUri(scheme, options, false))
          .filter(it -> it.startsWith(scheme + ":"));
    } catch (URISyntaxException | IllegalArgumentException incomplete) {
      return Optional.empty();
    }
  }

  private String path(String scheme) {
    return catalog.componentModel(scheme).getEndpointPathOptions().stream()
        .filter(BaseOptionModel::isRequired)
        .map(BaseOptionModel::getName)
        .collect(joining(", "));
  }

  private static Place place(Optional<Yaml> options, String name, Yaml uri) {
    return options.flatMap(it -> it.entry(name)).map(Yaml.Entry::place).orElse(uri.place());
  }
}
