package io.caravan.routes.lint;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A YAML node with its line. */
public record Yaml(Node node) {
  /** A key of a mapping with its value. */
  record Entry(String key, int line, Yaml value) {}

  public static Optional<Yaml> parse(String text) {
    return new Compose(LoadSettings.builder().build()).composeString(text).map(Yaml::new);
  }

  int line() {
    return line(node.getStartMark());
  }

  static int line(Optional<Mark> mark) {
    return mark.map(it -> it.getLine() + 1).orElse(1);
  }

  List<Yaml> items() {
    return node instanceof SequenceNode sequence
        ? sequence.getValue().stream().map(Yaml::new).toList()
        : List.of();
  }

  List<Entry> entries() {
    return node instanceof MappingNode mapping
        ? mapping.getValue().stream()
            .map(it ->
                new Entry(
                    new Yaml(it.getKeyNode()).text().orElse("?"),
                    line(it.getKeyNode().getStartMark()),
                    new Yaml(it.getValueNode())))
            .toList()
        : List.of();
  }

  Optional<Entry> entry(String key) {
    return entries().stream().filter(it -> it.key().equals(key)).findFirst();
  }

  Optional<Yaml> get(String key) {
    return entry(key).map(Entry::value);
  }

  /** The scalar of a key, if there is one. */
  Optional<String> text(String key) {
    return get(key).flatMap(Yaml::text);
  }

  Optional<String> text() {
    return node instanceof ScalarNode scalar ? Optional.of(scalar.getValue()) : Optional.empty();
  }

  /** This node and all nodes below it. */
  Stream<Yaml> all() {
    var below = Stream.concat(items().stream(), entries().stream().map(Entry::value));
    return Stream.concat(Stream.of(this), below.flatMap(Yaml::all));
  }
}
