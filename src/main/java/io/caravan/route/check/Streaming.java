package io.caravan.route.check;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Warns about steps of pipelines that load whole files into memory. */
final class Streaming implements RouteCheck.FileCheck {
  private static final String ADVICE =
      "Fine for small files only. Outputs are streams; split them with streaming: true.";
  private static final Set<String> IN_MEMORY = Set.of("String", "java.lang.String", "byte[]");

  @Override
  public Stream<Problem> check(RouteFile file) {
    return file.isPipeline()
        ? file.routes().stream()
            .flatMap(route ->
                Stream.concat(
                    Stream.concat(Stream.of(route), route.from().stream()),
                    isOutbound(route) ? route.steps() : Stream.of()))
            .flatMap(it -> problem(file, it).stream())
        : Stream.of();
  }

  private static boolean isOutbound(Element route) {
    return route.id().filter(it -> it.matches(".*-(results|errors)")).isPresent();
  }

  private static Optional<Problem> problem(RouteFile file, Element step) {
    var what =
        switch (step.kind()) {
          case "route" -> is(step, "streamCache", "true") ? "streamCache: true" : "";
          case "from" -> cachesObjects(step) ? "aws2-s3 without includeBody: false" : "";
          case "unmarshal" -> "unmarshal";
          case "convertBodyTo" ->
              step.body().text("type").filter(IN_MEMORY::contains).isPresent()
                  ? "convertBodyTo " + step.body().text("type").orElse("")
                  : "";
          case "split" -> is(step, "streaming", "true") ? "" : "split without streaming: true";
          case "log" ->
              step.body().text("message").or(step.body()::text).orElse("").contains("${body")
                  ? "log of ${body}"
                  : "";
          default -> "";
        };
    return what.isEmpty()
        ? Optional.empty()
        : Optional.of(
            file.warning(step.place(), what + " loads the whole file into memory.", ADVICE));
  }

  private static boolean cachesObjects(Element from) {
    return from.endpoint().filter(it -> it.startsWith("aws2-s3")).isPresent()
        && from.body()
            .get("parameters")
            .filter(it ->
                it.text("includeBody").filter("false"::equals).isPresent()
                    || it.text("ignoreBody").filter("true"::equals).isPresent())
            .isEmpty();
  }

  private static boolean is(Element step, String option, String value) {
    return step.body().text(option).filter(value::equals).isPresent();
  }
}
