package io.caravan.route.check;

import static java.util.stream.Collectors.toSet;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.tooling.model.BaseOptionModel;

/** Reports secrets in routes, whose values can appear in logs. */
record Secrets(CamelCatalog catalog) implements RouteCheck.FileCheck {
  private static final Pattern SETTING =
      Pattern.compile(
          "\\{\\{(?!env:)[^}]*(key|password|secret|token)(?![a-z])[^}]*}}",
          Pattern.CASE_INSENSITIVE);

  /** Keys of known providers, and user names with passwords in URLs. */
  private static final Pattern WRITTEN =
      Pattern.compile(
          "\\b(sk-[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}|AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{30,})"
              + "|Bearer [A-Za-z0-9._~+/-]{16,}|://[^/\\s:@{]+:[^/\\s@{]+@");

  private static final String FROM_ENVIRONMENT =
      "Take it from the environment: \"{{env:NAME}}\", or a file in /run/secrets.";

  @Override
  public Stream<Problem> check(RouteFile file) {
    return Stream.concat(
        file.root().all().flatMap(yaml -> texts(file, yaml)),
        file.routesAndConfigurations().stream()
            .flatMap(route -> Stream.concat(route.from().stream(), route.steps()))
            .flatMap(step -> options(file, step)));
  }

  private static Stream<Problem> texts(RouteFile file, Yaml yaml) {
    var text = yaml.text().orElse("");
    var settings =
        SETTING
            .matcher(text)
            .results()
            .map(it ->
                file.error(
                    yaml.place(),
                    "%s looks like a secret.".formatted(it.group()),
                    "Let a bean read it from the environment, or use \"{{env:NAME}}\"."));
    var written =
        WRITTEN.matcher(text).find()
            ? Stream.of(file.error(yaml.place(), "This looks like a secret.", FROM_ENVIRONMENT))
            : Stream.<Problem>of();
    return Stream.concat(settings, written);
  }

  private Stream<Problem> options(RouteFile file, Element step) {
    var parameters = step.body().get("parameters");
    var endpoint = step.endpoint();
    if (parameters.isEmpty() || endpoint.isEmpty()) {
      return Stream.of();
    }
    var secret = secretOptions(endpoint.get().replaceAll(":.*", ""));
    return parameters.get().entries().stream()
        .filter(it -> secret.contains(it.key()))
        .filter(it -> it.value().text().filter(text -> text.matches("[^{$#].*")).isPresent())
        .map(it ->
            file.error(
                it.place(), "The value of %s is a secret.".formatted(it.key()), FROM_ENVIRONMENT));
  }

  private Set<String> secretOptions(String scheme) {
    var component = catalog.componentModel(scheme);
    return component == null
        ? Set.of()
        : component.getEndpointOptions().stream()
            .filter(BaseOptionModel::isSecret)
            .map(BaseOptionModel::getName)
            .collect(toSet());
  }
}
