package io.caravan.route.check;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.beans.Introspector;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/** Checks that the beans and methods that routes name exist. */
record Beans(Map<String, Class<?>> known, ClassLoader libraries) implements RouteCheck.FileCheck {
  @Override
  public Stream<Problem> check(RouteFile file) {
    var all = new TreeMap<String, @Nullable Class<?>>(known);
    file.beans()
        .forEach(bean ->
            bean.text("name").ifPresent(it -> all.put(it, type(bean, "type").orElse(null))));
    return Stream.concat(
        file.beans().stream().flatMap(bean -> declared(file, bean)),
        file.routesAndConfigurations().stream()
            .flatMap(route -> Stream.concat(route.from().stream(), route.steps()))
            .flatMap(step -> Stream.concat(call(file, step, all), parameters(file, step, all))));
  }

  private Optional<Class<?>> type(Yaml bean, String key) {
    try {
      return bean.text(key)
          .map(it -> it.replaceFirst("^#class:", ""))
          .map(it -> ClassUtils.resolveClassName(it, libraries));
    } catch (IllegalArgumentException | IllegalStateException missing) {
      return Optional.empty();
    }
  }

  private Stream<Problem> declared(RouteFile file, Yaml bean) {
    var missing =
        Stream.of("type", "builderClass")
            .flatMap(key -> bean.entry(key).stream())
            .filter(it -> type(bean, it.key()).isEmpty())
            .map(it ->
                file.error(
                    it.place(),
                    "There is no class %s.".formatted(it.value().text().orElse("")),
                    "Correct the name, or put its jar into lib/."));
    var holder = type(bean, bean.entry("builderClass").isPresent() ? "builderClass" : "type");
    return Stream.concat(missing, holder.stream().flatMap(it -> properties(file, bean, it)));
  }

  private static Stream<Problem> properties(RouteFile file, Yaml bean, Class<?> type) {
    var settable = settable(type);
    return bean.get("properties").stream()
        .flatMap(properties -> properties.entries().stream())
        .filter(entry -> entry.key().matches("\\w+"))
        .flatMap(entry ->
            settable.containsKey(entry.key())
                ? wrong(file, entry, settable.get(entry.key()))
                : Stream.of(
                    file.error(
                        entry.place(),
                        "%s has no property %s.".formatted(type.getSimpleName(), entry.key()),
                        Nearest.to(
                            entry.key(),
                            settable.keySet(),
                            "It has %s.".formatted(String.join(", ", settable.keySet()))))));
  }

  /** A value that Camel could not convert to the type of its property. */
  private static Stream<Problem> wrong(RouteFile file, Yaml.Entry written, Class<?> type) {
    String kind =
        type == boolean.class || type == Boolean.class
            ? "boolean"
            : type == int.class || type == long.class ? "integer" : "";
    String text = written.value().text().orElse("");
    return Options.fits(kind, text)
        ? Stream.of()
        : Stream.of(Options.unfit(file, written.place(), written.key(), text, kind));
  }

  /** Properties with a setter, or with a method of a builder, and their types. */
  private static TreeMap<String, Class<?>> settable(Class<?> type) {
    var names = new TreeMap<String, Class<?>>();
    for (Method method : type.getMethods()) {
      if (method.getParameterCount() == 1) {
        String name = method.getName();
        Class<?> value = method.getParameterTypes()[0];
        if (name.matches("set\\p{Lu}.*")) {
          names.put(Introspector.decapitalize(name.substring(3)), value);
        } else if (method.getReturnType() == type) {
          names.put(name, value);
          names.put(Introspector.decapitalize(name.replaceFirst("^with(?=\\p{Lu})", "")), value);
        }
      }
    }
    return names;
  }

  /** The bean and method that a step or its expression calls. */
  private static Stream<Problem> call(
      RouteFile file, Element step, Map<String, @Nullable Class<?>> all) {
    var expression =
        step.body().get("expression").orElse(step.body()).get("method").stream()
            .filter(it -> it.entry("ref").isPresent());
    var bean = step.kind().equals("bean") ? Stream.of(step.body()) : Stream.<Yaml>of();
    return Stream.concat(bean, expression).flatMap(it -> call(file, it, all).stream());
  }

  private static Optional<Problem> call(
      RouteFile file, Yaml call, Map<String, @Nullable Class<?>> all) {
    var ref = call.entry("ref");
    var name = call.text("ref").orElse("").replaceFirst("^#(bean:)?", "");
    if (ref.isEmpty() || name.matches(".*[{$:].*")) {
      return Optional.empty();
    }
    if (!all.containsKey(name)) {
      return Optional.of(missing(file, ref.get(), name, all));
    }
    var type = all.get(name);
    var method = call.text("method").orElse("").replaceFirst("[(?].*", "").strip();
    if (type == null || method.isEmpty() || method.contains("$") || has(type, method)) {
      return Optional.empty();
    }
    var methods = new TreeSet<>(Arrays.stream(type.getMethods()).map(Method::getName).toList());
    return Optional.of(
        file.error(
            call.entry("method").orElseThrow().place(),
            "The bean %s has no method %s.".formatted(name, method),
            Nearest.to(method, methods, "Correct the name.")));
  }

  private static boolean has(Class<?> type, String method) {
    return Arrays.stream(type.getMethods()).anyMatch(it -> it.getName().equals(method));
  }

  /** Beans in the options of an endpoint, such as {@code filter: "#inboxFilter"}. */
  private static Stream<Problem> parameters(
      RouteFile file, Element step, Map<String, @Nullable Class<?>> all) {
    return step.body().get("parameters").stream()
        .flatMap(it -> it.entries().stream())
        .filter(it -> it.value().text().orElse("").matches("#(bean:)?\\w[\\w-]*"))
        .filter(it -> !all.containsKey(name(it)))
        .map(it -> missing(file, it, name(it), all));
  }

  private static String name(Yaml.Entry parameter) {
    return parameter.value().text().orElse("").replaceFirst("^#(bean:)?", "");
  }

  private static Problem missing(
      RouteFile file, Yaml.Entry where, String name, Map<String, @Nullable Class<?>> all) {
    return file.error(
        where.place(),
        "There is no bean %s.".formatted(name),
        Nearest.to(name, all.keySet(), "Correct the name, or declare it under beans:."));
  }
}
