package io.caravan.route.yaml;

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

/** A YAML node with its place. */
public record Yaml(Node node) {
  /** A key of a mapping with its value. */
  public record Entry(String key, Place place, Yaml value) {}

  /** Reads a text; fails with a marked exception if it is not YAML. */
  public static Optional<Yaml> parse(String text) {
    return new Compose(LoadSettings.builder().build()).composeString(text).map(Yaml::new);
  }

  /** Where the node begins. */
  public Place place() {
    return Place.of(node.getStartMark());
  }

  /** The line after the last one of a node in block style. */
  public int end() {
    return node.getEndMark().map(Mark::getLine).map(it -> it + 1).orElse(1);
  }

  /** The items of a list; none for other nodes. */
  public List<Yaml> items() {
    return node instanceof SequenceNode sequence
        ? sequence.getValue().stream().map(Yaml::new).toList()
        : List.of();
  }

  /** The entries of a mapping; none for other nodes. */
  public List<Entry> entries() {
    return node instanceof MappingNode mapping
        ? mapping.getValue().stream()
            .map(it ->
                new Entry(
                    new Yaml(it.getKeyNode()).text().orElse("?"),
                    Place.of(it.getKeyNode().getStartMark()),
                    new Yaml(it.getValueNode())))
            .toList()
        : List.of();
  }

  /** The entry of a key. */
  public Optional<Entry> entry(String key) {
    return entries().stream().filter(it -> it.key().equals(key)).findFirst();
  }

  /** The value of a key. */
  public Optional<Yaml> get(String key) {
    return entry(key).map(Entry::value);
  }

  /** The scalar of a key, if there is one. */
  public Optional<String> text(String key) {
    return get(key).flatMap(Yaml::text);
  }

  /** The scalar, if the node is one. */
  public Optional<String> text() {
    return node instanceof ScalarNode scalar ? Optional.of(scalar.getValue()) : Optional.empty();
  }

  /** This node and all nodes below it. */
  public Stream<Yaml> all() {
    var below = Stream.concat(items().stream(), entries().stream().map(Entry::value));
    return Stream.concat(Stream.of(this), below.flatMap(Yaml::all));
  }
}
