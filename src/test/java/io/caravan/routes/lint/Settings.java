package io.caravan.routes.lint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.FileSystemResource;

/** The settings that routes use as {@code {{caravan.…}}}; empty if the settings file is missing. */
record Settings(Optional<Properties> values) {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^}:?]+)(:[^}]*)?}}");

  static Settings of(Path file) {
    if (!Files.exists(file)) {
      return new Settings(Optional.empty());
    }
    var reader = new YamlPropertiesFactoryBean();
    reader.setResources(new FileSystemResource(file));
    return new Settings(Optional.ofNullable(reader.getObject()));
  }

  /** Replaces the placeholders whose values are in the file. */
  String resolve(String text) {
    return PLACEHOLDER.matcher(text).replaceAll(it -> Matcher.quoteReplacement(value(it)));
  }

  /** The same, with a stand-in for values known only at runtime. */
  String resolve(String text, String standIn) {
    return PLACEHOLDER.matcher(resolve(text)).replaceAll(standIn);
  }

  private String value(MatchResult placeholder) {
    if (placeholder.group(1).equals("env")) {
      return "from-the-environment";
    }
    return values
        .map(it -> it.getProperty(placeholder.group(1)))
        .filter(it -> !it.contains("${"))
        .orElse(placeholder.group());
  }

  Stream<Problem> check(RouteFile file) {
    return file.root()
        .all()
        .flatMap(yaml ->
            PLACEHOLDER
                .matcher(yaml.text().orElse(""))
                .results()
                .filter(this::isMissing)
                .map(it ->
                    file.problem(yaml.line(), "There is no setting %s.".formatted(it.group(1)))));
  }

  private boolean isMissing(MatchResult placeholder) {
    var name = placeholder.group(1);
    return name.startsWith("caravan.")
        && placeholder.group(2) == null
        && values.filter(it -> !it.containsKey(name)).isPresent();
  }
}
