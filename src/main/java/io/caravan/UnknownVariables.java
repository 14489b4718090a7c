package io.caravan;

import static java.util.Comparator.comparingInt;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static org.springframework.core.env.StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.logging.Log;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/** Warns about environment variables that look like settings but are not; never logs a value. */
class UnknownVariables implements EnvironmentPostProcessor {
  /** Settings whose keys are chosen by users. */
  static final Set<String> MAPS =
      Set.of(
          "caravan.client.limits",
          "caravan.normalisation",
          "caravan.providers",
          "caravan.server.keys",
          "caravan.server.open-providers",
          "caravan.upstream.further",
          "caravan.web.allowed-hosts",
          "caravan.web.cors-origins");

  private static final String PREFIX = "CARAVAN_";

  private final Log log;

  UnknownVariables(DeferredLogFactory logs) {
    log = logs.getLog(UnknownVariables.class);
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    Set<String> variables = names(environment, UnknownVariables::isSystem, PREFIX);
    Set<String> settings = names(environment, it -> !isSystem(it), "caravan.");
    List<String> unknown =
        variables.stream()
            .filter(it -> !isSetting(it, settings) && !isOfService(it, variables))
            .toList();
    if (!unknown.isEmpty()) {
      Predicate<String> named = named(environment);
      unknown.stream().filter(named.negate()).forEach(it -> log.warn(message(it, settings)));
    }
  }

  private static Set<String> names(
      ConfigurableEnvironment environment, Predicate<PropertySource<?>> which, String prefix) {
    return environment.getPropertySources().stream()
        .filter(which)
        .flatMap(UnknownVariables::names)
        .filter(name -> name.startsWith(prefix))
        .collect(toCollection(TreeSet::new));
  }

  private static boolean isSystem(PropertySource<?> source) {
    return source.getName().equals(SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
  }

  private static Stream<String> names(PropertySource<?> source) {
    return source instanceof EnumerablePropertySource<?> it
        ? Arrays.stream(it.getPropertyNames())
        : Stream.empty();
  }

  /** Matches names as Spring binds them: each dash becomes an underscore or is dropped. */
  private static boolean isSetting(String variable, Set<String> settings) {
    return MAPS.stream().anyMatch(it -> variable.startsWith(variable(it) + "_"))
        || settings.stream()
            .anyMatch(it ->
                variable.equals(variable(it)) || variable.equals(variable(it.replace("-", ""))));
  }

  private static String variable(String setting) {
    return setting.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
  }

  /** Kubernetes sets CARAVAN_SERVICE_HOST, CARAVAN_PORT_8080_TCP and others for a service. */
  private static boolean isOfService(String variable, Set<String> variables) {
    return variables.stream()
        .filter(it -> it.endsWith("_SERVICE_HOST"))
        .map(it -> it.substring(0, it.length() - "SERVICE_HOST".length()))
        .anyMatch(it -> variable.startsWith(it + "SERVICE_") || variable.startsWith(it + "PORT"));
  }

  /** Tests whether the value of a setting, a route or a template refers to a variable. */
  private static Predicate<String> named(ConfigurableEnvironment environment) {
    String texts =
        Stream.concat(
                environment.getPropertySources().stream()
                    .flatMap(it -> names(it).map(it::getProperty).map(String::valueOf)),
                Stream.of("caravan.routes", "caravan.templates")
                    .map(environment::getRequiredProperty)
                    .flatMap(UnknownVariables::files))
            .collect(joining("\n"));
    return name -> Pattern.compile("\\b" + Pattern.quote(name) + "\\b").matcher(texts).find();
  }

  /** The contents of a folder's YAML files; empty if one cannot be read, which startup reports. */
  private static Stream<String> files(String folder) {
    var texts = new ArrayList<String>();
    try (Stream<Path> files = Files.walk(Path.of(folder), 2)) {
      for (Path file : files.filter(it -> it.toString().endsWith(".yaml")).toList()) {
        texts.add(Files.readString(file));
      }
    } catch (IOException | UncheckedIOException e) {
      texts.clear();
    }
    return texts.stream();
  }

  private static String message(String variable, Set<String> settings) {
    var distance = new LevenshteinDistance((variable.length() - PREFIX.length()) / 2);
    return settings.stream()
        .map(UnknownVariables::variable)
        .filter(it -> distance.apply(variable, it) >= 0) // -1: further away than the limit
        .min(comparingInt(it -> distance.apply(variable, it)))
        .map(it -> "%s is not a setting. Did you mean %s?".formatted(variable, it))
        .orElse("%s is not a setting, and no route refers to it.".formatted(variable));
  }
}
