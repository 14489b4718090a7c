package io.caravan.flow.live;

import io.caravan.flow.Pipeline;
import io.caravan.job.CannotStartException;
import io.caravan.route.check.RouteCheck.FileCheck;
import io.caravan.route.yaml.Place;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.springframework.core.env.Environment;
import org.springframework.util.PropertyPlaceholderHelper;

/**
 * Checks that a pipeline's bean names a provider, a template and a charset that exist.
 *
 * @param providers the names of the providers
 * @param templates fails for a template that does not exist
 */
public record PipelineChecks(
    Collection<String> providers, Consumer<String> templates, Environment settings)
    implements FileCheck {
  private static final PropertyPlaceholderHelper PLACEHOLDERS =
      new PropertyPlaceholderHelper("{{", "}}", ":", null, true);

  @Override
  public Stream<Problem> check(RouteFile file) {
    if (!file.isPipeline()) {
      return Stream.of();
    }
    Optional<Yaml> bean =
        file.beans().stream()
            .filter(it -> it.text("name").filter(file.family()::equals).isPresent())
            .findFirst();
    if (bean.isEmpty()) {
      return Stream.of(
          file.error(
              Place.START,
              "There is no bean %s.".formatted(file.family()),
              "Add it under beans: with the type %s, as in routes/pipelines/default.camel.yaml."
                  .formatted(Pipeline.class.getName())));
    }
    Optional<Yaml> properties = bean.get().get("properties");
    Stream<Problem> missing =
        properties.flatMap(it -> it.get("provider")).isPresent()
            ? Stream.of()
            : Stream.of(
                file.error(
                    bean.get().place(),
                    "The pipeline %s has no provider.".formatted(file.family()),
                    "Add provider: \"{{caravan.provider}}\" under properties:, or name one."));
    return Stream.concat(
        missing,
        properties.stream()
            .flatMap(it -> it.entries().stream())
            .flatMap(it -> problem(file, it).stream()));
  }

  private Optional<Problem> problem(RouteFile file, Yaml.Entry property) {
    String value =
        PLACEHOLDERS.replacePlaceholders(property.value().text().orElse(""), settings::getProperty);
    if (value.contains("{{")) {
      return Optional.empty(); // reported as a missing setting
    }
    try {
      check(file.family(), property.key(), value);
      return Optional.empty();
    } catch (CannotStartException e) {
      return Optional.of(file.error(property.place(), String.valueOf(e.getMessage()), e.action()));
    }
  }

  private void timing(String pipeline, String property, String value) {
    var named = new Pipeline();
    switch (property) {
      case "schedule" -> named.setSchedule(value);
      case "deadline" -> named.setDeadline(value);
      default -> named.setPriority(value.matches("-?\\d{1,9}") ? Integer.parseInt(value) : 0);
    }
    named.checkTiming(pipeline, Clock.systemUTC(), ZoneOffset.UTC);
  }

  private void check(String pipeline, String property, String value) {
    switch (property) {
      case "provider" -> {
        if (!providers.contains(value)) {
          throw new CannotStartException(
              "There is no provider \"%s\".".formatted(value),
              "Use one of %s.".formatted(String.join(", ", new TreeSet<>(providers))));
        }
      }
      case "template" -> templates.accept(value);
      case "charset" -> {
        var named = new Pipeline();
        named.setCharset(value);
        named.encoding(pipeline);
      }
      case "schedule", "deadline", "priority" -> timing(pipeline, property, value);
      default -> {}
    }
  }
}
