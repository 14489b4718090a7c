package io.caravan.jsonl.convert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.Quote;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The column names of a table; columns with an empty name are ignored.
 *
 * @param named minimum number of cells per row
 */
record TableHeader(List<String> names, int named) {

  /**
   * Reads a header as spreadsheets write it: with empty cells, and matching known columns
   * regardless of case.
   *
   * @param known the columns that are used
   */
  static TableHeader of(List<String> cells, Set<String> known) {
    List<String> own = cells.stream().map(String::strip).toList();
    List<String> names = own.stream().map(name -> knownAs(name, own, known)).toList();
    int named = names.size();
    while (named > 0 && names.get(named - 1).isEmpty()) {
      named--;
    }
    return new TableHeader(names, named);
  }

  private static String knownAs(String name, List<String> own, Set<String> known) {
    return known.contains(name)
        ? name
        : known.stream()
            .filter(it -> it.equalsIgnoreCase(name) && !own.contains(it))
            .findFirst()
            .orElse(name);
  }

  /** Why the table cannot be converted; empty if it can. */
  String problem(Set<String> needed) {
    Set<String> there = new HashSet<>();
    for (String name : names) {
      if (!name.isEmpty() && !there.add(name)) {
        return "its header names %s twice. Give every column a name of its own."
            .formatted(Quote.of(name));
      }
    }
    Set<String> missing = new HashSet<>(needed);
    missing.removeAll(there);
    return missing.isEmpty()
        ? ""
        : "it has no column %s, which the template needs. Its columns are %s; change them, or the template."
            .formatted(quoted(missing), quoted(there));
  }

  private static String quoted(Set<String> names) {
    return names.isEmpty()
        ? "none"
        : names.stream().sorted().limit(50).map(Quote::of).collect(Collectors.joining(", "));
  }

  /** Why a row does not fit the header; empty cells after the last column are allowed. */
  @Nullable LineProblem problemOf(List<String> cells) {
    boolean fits =
        cells.size() >= named && cells.stream().skip(names.size()).allMatch(String::isBlank);
    return fits
        ? null
        : new LineProblem(
            "ragged_row",
            "the row has %s cells, and the header %s. Quote cells that hold the separator or a quote."
                .formatted(cells.size(), named),
            null);
  }

  /** The cells of a fitting row by column name. */
  ObjectNode row(List<String> cells) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < named; i++) {
      if (!names.get(i).isEmpty()) {
        row.put(names.get(i), cells.get(i));
      }
    }
    return row;
  }
}
