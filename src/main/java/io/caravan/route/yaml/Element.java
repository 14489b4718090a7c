package io.caravan.route.yaml;

import java.util.Optional;
import java.util.stream.Stream;

/** A route or a step: its YAML key and content. */
public record Element(String kind, Place place, Yaml body) {
  /** Its id, if it has one. */
  public Optional<String> id() {
    return body.text("id");
  }

  /** Its one-line description, if it has one. */
  public Optional<String> description() {
    return body.text("description");
  }

  /** The endpoint of a step or a {@code from} without options, such as {@code direct:x}. */
  public Optional<String> endpoint() {
    var uri = body.text("uri").or(body::text);
    var name = body.get("parameters").flatMap(it -> it.text("name"));
    return uri.map(
        it -> it.matches("direct|seda") ? it + ":" + name.orElse("") : it.replaceAll("\\?.*", ""));
  }

  /** The {@code from} of a route. */
  public Optional<Element> from() {
    return body.entry("from").map(it -> new Element("from", it.place(), it.value()));
  }

  /** All nested steps, depth first; a branch of a choice counts as a step. */
  public Stream<Element> steps() {
    return steps(body);
  }

  private static Stream<Element> steps(Yaml yaml) {
    var here =
        yaml.entries().stream()
            .flatMap(entry ->
                switch (entry.key()) {
                  case "steps" ->
                      entry.value().items().stream()
                          .flatMap(item -> item.entries().stream())
                          .map(it -> new Element(it.key(), it.place(), it.value()));
                  case "when" ->
                      entry.value().items().stream().map(it -> new Element("when", it.place(), it));
                  default -> Stream.<Element>of();
                });
    var below =
        Stream.concat(yaml.items().stream(), yaml.entries().stream().map(Yaml.Entry::value));
    return Stream.concat(here, below.flatMap(Element::steps));
  }
}
