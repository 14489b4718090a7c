package io.caravan.route.check;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.Place;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Checks across files that called routes exist, and that ids and inboxes are unique. */
record Links(Settings settings) {
  /** Options that let two consumers share one place. */
  private static final Set<String> DISTINGUISHING =
      Set.of(
          "filter",
          "include",
          "includeExt",
          "antInclude",
          "fileName",
          "prefix",
          "groupId",
          "selector",
          "subscriptionName",
          "httpMethodRestrict",
          "timerName",
          "name");

  private record Located(RouteFile file, Place place, String what) {}

  Stream<Problem> check(List<RouteFile> files) {
    return Stream.of(
            deadCalls(files),
            configurations(files),
            repeated(
                files.stream().flatMap(Links::ids),
                (id, first) ->
                    id.file()
                        .error(
                            id.place(),
                            "The id %s is used twice.".formatted(id.what()),
                            "%s line %d has it, too; rename one of them."
                                .formatted(first.file().name(), first.place().line()))),
            repeated(
                files.stream().flatMap(this::inboxes),
                (inbox, first) ->
                    inbox
                        .file()
                        .error(
                            inbox.place(),
                            "%s is read twice.".formatted(inbox.what().replaceFirst(" .*", "")),
                            "%s line %d reads it, too; use another inbox."
                                .formatted(first.file().name(), first.place().line()))))
        .flatMap(it -> it);
  }

  private static Stream<Problem> deadCalls(List<RouteFile> files) {
    var sources =
        files.stream()
            .flatMap(file -> file.routes().stream())
            .flatMap(route -> route.from().flatMap(Element::endpoint).stream())
            .collect(toSet());
    return files.stream()
        .flatMap(file ->
            file.routesAndConfigurations().stream()
                .flatMap(Element::steps)
                .flatMap(step ->
                    step
                        .endpoint()
                        .filter(it -> it.matches("(direct|seda):[^${]*"))
                        .filter(it -> !sources.contains(it))
                        .map(it ->
                            file.error(
                                step.place(),
                                "No route reads %s.".formatted(it),
                                Nearest.to(it, sources, "Add a route from %s.".formatted(it))))
                        .stream()));
  }

  private static Stream<Problem> configurations(List<RouteFile> files) {
    var known =
        files.stream()
            .flatMap(file -> file.root().items().stream())
            .flatMap(item -> item.get("routeConfiguration").stream())
            .flatMap(it -> it.text("id").stream())
            .collect(toSet());
    return files.stream()
        .flatMap(file ->
            file.routes().stream()
                .flatMap(route -> route.body().entry("routeConfigurationId").stream())
                .filter(it -> !known.contains(it.value().text().orElse("")))
                .map(it ->
                    file.error(
                        it.place(),
                        "There is no routeConfiguration %s."
                            .formatted(it.value().text().orElse("")),
                        Nearest.to(
                            it.value().text().orElse(""),
                            known,
                            "routes/error-handling.camel.yaml has them."))));
  }

  private interface Report {
    Problem of(Located second, Located first);
  }

  private static Stream<Problem> repeated(Stream<Located> all, Report report) {
    var seen = new HashMap<String, Located>();
    return all.flatMap(it -> {
      var first = seen.putIfAbsent(it.what(), it);
      return first == null ? Stream.of() : Stream.of(report.of(it, first));
    });
  }

  /** Camel requires unique ids of all steps and routes, and does not start otherwise. */
  private static Stream<Located> ids(RouteFile file) {
    return file.routesAndConfigurations().stream()
        .flatMap(route -> Stream.concat(Stream.of(route), route.steps()))
        .flatMap(it -> it.id().map(id -> new Located(file, it.place(), id)).stream());
  }

  /** The places that the routes of a file read, with what distinguishes two readers of one. */
  private Stream<Located> inboxes(RouteFile file) {
    var buckets =
        file.beans().stream()
            .flatMap(bean -> bean.get("properties").stream())
            .filter(it -> it.entry("bucket").isPresent())
            .map(it ->
                new Located(
                    file,
                    it.place(),
                    "s3://%s/%s".formatted(value(it, "bucket"), value(it, "prefix"))));
    var consumers =
        file.routes().stream()
            .flatMap(route -> route.from().stream())
            .flatMap(from -> place(from).map(it -> new Located(file, from.place(), it)).stream());
    return Stream.concat(buckets, consumers);
  }

  private Optional<String> place(Element from) {
    var uri = settings.resolve(from.endpoint().orElse(""));
    var options =
        from.body().get("parameters").stream()
            .flatMap(it -> it.entries().stream())
            .collect(
                toMap(
                    Yaml.Entry::key,
                    it -> settings.resolve(it.value().text().orElse("")),
                    (first, second) -> second,
                    TreeMap<String, String>::new));
    if (uri.isEmpty() || uri.matches("(timer|scheduler|quartz|cron).*")) {
      return Optional.empty();
    }
    return Optional.of(
        uri.replaceFirst("^file:/*", "file:")
            + path(options).map(it -> (uri.contains(":") ? "" : ":") + it).orElse("")
            + distinguishing(options));
  }

  private static Optional<String> path(Map<String, String> options) {
    return Stream.of(
            "directoryName",
            "path",
            "topic",
            "destinationName",
            "bucketNameOrArn",
            "queueNameOrArn")
        .filter(options::containsKey)
        .map(it ->
            it.equals("directoryName") && !options.containsKey("host")
                ? Path.of(options.get(it)).toAbsolutePath().normalize().toString()
                : options.getOrDefault("host", "") + "/" + options.get(it))
        .findFirst();
  }

  private static String distinguishing(Map<String, String> options) {
    var own = new TreeMap<>(options);
    own.keySet().retainAll(DISTINGUISHING);
    own.remove("filter", "#inboxFilter");
    return own.isEmpty() ? "" : " " + own;
  }

  private String value(Yaml properties, String name) {
    return settings.resolve(properties.text(name).orElse(""));
  }
}
