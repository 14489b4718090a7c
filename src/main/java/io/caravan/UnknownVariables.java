package io.caravan;

import static java.util.stream.Collectors.toCollection;
import static org.springframework.core.env.StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.commons.logging.Log;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

/** Warns about environment variables that look like settings but are not; never logs a value. */
class UnknownVariables implements EnvironmentPostProcessor {
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
      Predicate<String> named = SettingNames.mentionedIn(environment);
      unknown.stream().filter(named.negate()).forEach(it -> log.warn(message(it, settings)));
    }
  }

  private static Set<String> names(
      ConfigurableEnvironment environment, Predicate<PropertySource<?>> which, String prefix) {
    return environment.getPropertySources().stream()
        .filter(which)
        .flatMap(SettingNames::in)
        .filter(name -> name.startsWith(prefix))
        .collect(toCollection(TreeSet::new));
  }

  private static boolean isSystem(PropertySource<?> source) {
    return source.getName().equals(SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
  }

  /** Matches names as Spring binds them: each dash becomes an underscore or is dropped. */
  private static boolean isSetting(String variable, Set<String> settings) {
    return (variable + "_").startsWith(SettingNames.CALLBACK_SECRET + "_")
        || SettingNames.MAPS.stream().anyMatch(it -> variable.startsWith(variable(it) + "_"))
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

  private static String message(String variable, Set<String> settings) {
    return SettingNames.nearest(variable, PREFIX, settings.stream().map(UnknownVariables::variable))
        .map(it -> "%s is not a setting. Did you mean %s?".formatted(variable, it))
        .orElse("%s is not a setting, and no route refers to it.".formatted(variable));
  }
}
