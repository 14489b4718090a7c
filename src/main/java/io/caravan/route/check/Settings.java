package io.caravan.route.check;

import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks that the settings exist that routes use as {@code {{name}}}. */
record Settings(Function<String, @Nullable String> values) implements RouteCheck.FileCheck {
  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\{\\{(\\??[^}:]+)(:(?<rest>[^}]*))?}}");

  /** What Camel resolves itself, with a name after the colon. */
  private static final Set<String> FUNCTIONS =
      Set.of("env", "sys", "bean", "service", "service.name", "service.host", "service.port");

  /** Replaces the placeholders whose values are known. */
  String resolve(String text) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(it -> Matcher.quoteReplacement(value(it).orElse(it.group())));
  }

  /** The same, with a stand-in for values known only at runtime. */
  String resolve(String text, String standIn) {
    return PLACEHOLDER.matcher(resolve(text)).replaceAll(standIn);
  }

  private Optional<String> value(MatchResult placeholder) {
    String name = placeholder.group(1);
    if (FUNCTIONS.contains(name)) {
      return Optional.of("known-at-runtime");
    }
    return Optional.ofNullable(values.apply(name)).or(() -> Optional.ofNullable(rest(placeholder)));
  }

  private static @Nullable String rest(MatchResult placeholder) {
    return placeholder.group(3);
  }

  @Override
  public Stream<Problem> check(RouteFile file) {
    return file.root()
        .all()
        .flatMap(yaml ->
            PLACEHOLDER
                .matcher(yaml.text().orElse(""))
                .results()
                .flatMap(it -> problem(file, yaml, it)));
  }

  private Stream<Problem> problem(RouteFile file, Yaml yaml, MatchResult placeholder) {
    String name = placeholder.group(1);
    if (name.startsWith("?") || value(placeholder).isPresent()) {
      return Stream.of();
    }
    return Stream.of(
        file.error(
            yaml.place(),
            "There is no setting %s.".formatted(name),
            "Add it to config/application.yaml, or give a default: {{%s:…}}.".formatted(name)));
  }
}
