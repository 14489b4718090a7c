package io.caravan.jsonl.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adapts requests to their models.
 *
 * @param wholeLines whether whole requests of the input are changed too; else only those built from
 *     a template
 */
public record Normalisation(List<ModelRule> rules, boolean wholeLines) {
  /** Changes nothing. */
  public static final Normalisation NONE = new Normalisation(List.of(), false);

  public Normalisation {
    rules = List.copyOf(rules);
  }

  /** Whether whole lines must be checked. */
  public boolean changesWholeLines() {
    return wholeLines && !rules.isEmpty();
  }

  /** Counts the changes by kind. */
  final class Pass {
    private final Map<String, Integer> changes = new TreeMap<>();
    private boolean changed;

    /** Applies all rules; returns whether the request was changed. */
    boolean apply(ObjectNode request) {
      changed = false;
      rules.forEach(rule ->
          rule.apply(
              request,
              change -> {
                changed = true;
                changes.merge(change, 1, Integer::sum);
              }));
      return changed;
    }

    /** The kinds of changes with their counts. */
    List<String> notes() {
      return changes.entrySet().stream()
          .map(change ->
              "adapted to the model: %s in %s requests."
                  .formatted(change.getKey(), change.getValue()))
          .toList();
    }
  }
}
