package io.caravan;

import static java.util.Comparator.comparingInt;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/** The names of settings, and where users refer to names of their own. */
final class SettingNames {
  /** Settings whose keys are chosen by users. */
  static final Set<String> MAPS =
      Set.of(
          "caravan.client.limits",
          "caravan.normalisation",
          "caravan.providers",
          "caravan.queue.callback-hosts",
          "caravan.server.keys",
          "caravan.server.open-providers",
          "caravan.upstream.further",
          "caravan.web.allowed-hosts",
          "caravan.web.cors-origins");

  /** A variable that is no setting; those of clients add an underscore and a name. */
  static final String CALLBACK_SECRET = "CARAVAN_CALLBACK_SECRET";

  private SettingNames() {}

  static Stream<String> in(PropertySource<?> source) {
    return source instanceof EnumerablePropertySource<?> it
        ? Arrays.stream(it.getPropertyNames())
        : Stream.empty();
  }

  /** The name that differs least, if few characters after the common prefix differ. */
  static Optional<String> nearest(String wrong, String prefix, Stream<String> right) {
    var distance = new LevenshteinDistance((wrong.length() - prefix.length()) / 2);
    return right
        .filter(it -> distance.apply(wrong, it) >= 0) // -1: further away than the limit
        .min(comparingInt(it -> distance.apply(wrong, it)));
  }

  /** Tests whether the value of a setting, a route or a template refers to a name. */
  static Predicate<String> mentionedIn(ConfigurableEnvironment environment) {
    String texts =
        Stream.concat(
                environment.getPropertySources().stream()
                    .flatMap(it -> in(it).map(it::getProperty).map(String::valueOf)),
                Stream.of("caravan.routes", "caravan.templates")
                    .map(environment::getRequiredProperty)
                    .flatMap(SettingNames::files))
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
}
