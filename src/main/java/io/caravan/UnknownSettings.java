package io.caravan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.commons.logging.Log;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/**
 * Warns about keys of configuration files that look like settings but are not, and about
 * environments without a file.
 */
class UnknownSettings implements EnvironmentPostProcessor {
  private static final String PREFIX = "caravan.";
  private static final Pattern NAME =
      Pattern.compile("\"name\"\\s*:\\s*\"(caravan\\.[a-z0-9.-]+)\"");

  private final Log log;

  UnknownSettings(DeferredLogFactory logs) {
    log = logs.getLog(UnknownSettings.class);
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    for (String profile : environment.getActiveProfiles()) {
      if (environment.getPropertySources().stream().noneMatch(it -> isFor(profile, it))) {
        log.warn(
            "There is no config/application-%s.yaml for the environment \"%s\", which SPRING_PROFILES_ACTIVE names; the other settings apply."
                .formatted(profile, profile));
      }
    }
    Set<String> settings = settings();
    var known = settings.stream().map(ConfigurationPropertyName::of).collect(toSet());
    Map<String, TextResourceOrigin> unknown = new TreeMap<>();
    for (PropertySource<?> source : environment.getPropertySources()) {
      SettingNames.in(source)
          .filter(name -> name.startsWith(PREFIX))
          .filter(name -> !isSetting(ConfigurationPropertyName.adapt(name, '.'), known))
          .forEach(name -> {
            if (OriginLookup.getOrigin(source, name) instanceof TextResourceOrigin file
                && !(file.getResource() instanceof ClassPathResource)) {
              unknown.putIfAbsent(name, file);
            }
          });
    }
    if (!unknown.isEmpty()) {
      Predicate<String> mentioned = SettingNames.mentionedIn(environment);
      unknown.forEach((name, origin) -> {
        if (!mentioned.test(name)) {
          log.warn(message(name, origin, settings));
        }
      });
    }
  }

  /** Whether a source is a file, or a section of a file, for this profile only. */
  private static boolean isFor(String profile, PropertySource<?> source) {
    return source.getName().contains("application-" + profile + ".")
        || String.valueOf(source.getProperty("spring.config.activate.on-profile"))
            .contains(profile);
  }

  /** The names in the metadata for editors, which lists every setting. */
  private static Set<String> settings() {
    Resource metadata = new ClassPathResource("META-INF/spring-configuration-metadata.json");
    try (InputStream in = metadata.getInputStream()) {
      return NAME.matcher(new String(in.readAllBytes(), UTF_8))
          .results()
          .map(it -> it.group(1))
          .collect(toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isSetting(
      ConfigurationPropertyName name, Set<ConfigurationPropertyName> known) {
    return known.contains(name)
        || SettingNames.MAPS.stream()
            .anyMatch(it -> ConfigurationPropertyName.of(it).isAncestorOf(name));
  }

  private static String message(String name, TextResourceOrigin origin, Set<String> settings) {
    return SettingNames.nearest(name, PREFIX, settings.stream())
        .map(it -> "%s: %s is not a setting. Did you mean %s?".formatted(place(origin), name, it))
        .orElse(
            "%s: %s is not a setting, and no route refers to it.".formatted(place(origin), name));
  }

  private static String place(TextResourceOrigin origin) {
    try {
      return "%s line %d"
          .formatted(origin.getResource().getFile(), origin.getLocation().getLine() + 1);
    } catch (IOException e) {
      return origin.toString(); // not from a file
    }
  }
}
