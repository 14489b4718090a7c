package io.caravan.flow;

import io.caravan.job.CannotStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.util.PropertyPlaceholderHelper;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Reads a pipeline's settings from its YAML file without starting its routes. */
public final class PipelineFile {
  private static final PropertyPlaceholderHelper PLACEHOLDERS =
      new PropertyPlaceholderHelper("{{", "}}");

  private PipelineFile() {}

  public static Pipeline read(String name, Environment settings) throws IOException {
    Path file =
        Path.of(settings.getProperty("caravan.routes", "routes"))
            .resolve("pipelines")
            .resolve(name + ".camel.yaml");
    if (!Files.exists(file)) {
      throw new CannotStartException(
          "There is no pipeline \"%s\".".formatted(name), "Describe it in %s.".formatted(file));
    }
    Object parts = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
    Map<?, ?> properties = properties(parts, name);
    var pipeline = new Pipeline();
    pipeline.setProvider(text(properties, "provider", "", settings));
    pipeline.setTemplate(text(properties, "template", pipeline.getTemplate(), settings));
    pipeline.setCharset(text(properties, "charset", pipeline.getCharset(), settings));
    pipeline.setStrict(isSet(properties, "strict", settings));
    pipeline.setNormalise(isSet(properties, "normalise", settings));
    pipeline.setDeadline(text(properties, "deadline", "", settings));
    pipeline.setPriority(
        Integer.parseInt(text(properties, "priority", "" + pipeline.getPriority(), settings)));
    pipeline.setAllowDuplicates(isSet(properties, "allowDuplicates", settings));
    return pipeline;
  }

  private static Map<?, ?> properties(Object parts, String name) {
    return maps(parts).stream()
        .flatMap(part -> maps(part.get("beans")).stream())
        .filter(bean -> name.equals(bean.get("name")))
        .map(bean -> bean.get("properties"))
        .filter(Map.class::isInstance)
        .<Map<?, ?>>map(Map.class::cast)
        .findFirst()
        .orElse(Map.of());
  }

  private static List<? extends Map<?, ?>> maps(@Nullable Object list) {
    return list instanceof List<?> all
        ? all.stream().filter(Map.class::isInstance).<Map<?, ?>>map(Map.class::cast).toList()
        : List.of();
  }

  private static boolean isSet(Map<?, ?> properties, String key, Environment settings) {
    return Boolean.parseBoolean(text(properties, key, "false", settings));
  }

  private static String text(
      Map<?, ?> properties, String key, String otherwise, Environment settings) {
    Object value = properties.get(key);
    return value == null
        ? otherwise
        : PLACEHOLDERS.replacePlaceholders(value.toString(), settings::getRequiredProperty);
  }
}
