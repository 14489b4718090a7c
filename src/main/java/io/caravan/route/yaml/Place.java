package io.caravan.route.yaml;

import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;

/**
 * A place in a file.
 *
 * @param line from 1
 * @param column from 1
 */
public record Place(int line, int column) {
  /** The first character of a file. */
  public static final Place START = new Place(1, 1);

  /** The place of a mark of the parser. */
  public static Place of(Optional<Mark> mark) {
    return mark.map(it -> new Place(it.getLine() + 1, it.getColumn() + 1)).orElse(START);
  }
}
