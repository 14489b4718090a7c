package io.caravan.jsonl.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes requests fit their models.
 *
 * @param wholeLines whether requests that were written in full are changed too; else only those
 *     made by a template
 */
public record Normalisation(List<ModelRule> rules, boolean wholeLines) {
  /** Changes nothing. */
  public static final Normalisation NONE = new Normalisation(List.of(), false);

  public Normalisation {
    rules = List.copyOf(rules);
  }

  /** Whether whole lines have to be looked at. */
  public boolean changesWholeLines() {
    return wholeLines && !rules.isEmpty();
  }

  /** Counts how often what was changed. */
  final class Pass {
    private final Map<String, Integer> changes = new TreeMap<>();
    private boolean changed;

    /** Whether the request is another one now. */
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

    /** What was changed, with how often. */
    List<String> notes() {
      return changes.entrySet().stream()
          .map(change ->
              "for their models: %s in %s requests.".formatted(change.getKey(), change.getValue()))
          .toList();
    }
  }
}
