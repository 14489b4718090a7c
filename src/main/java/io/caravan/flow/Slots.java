package io.caravan.flow;

import io.caravan.batch.Part;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * How many workers each provider occupies: never all of them, so that a slow provider holds up its
 * own batches alone.
 */
@Component
class Slots {
  /** Consumers of batch-status in routes/batch-watch.camel.yaml, of which a provider gets most. */
  private static final int STATUS = 6;

  private final int steps;
  private final Map<String, Integer> taken = new ConcurrentHashMap<>();

  Slots(FlowProperties.General settings) {
    this.steps = Math.max(1, settings.workers() - 1);
  }

  private static String key(Part part) {
    return kind(part) + " " + part.provider();
  }

  private static String kind(Part part) {
    return switch (part.status()) {
      case SUBMITTED -> "status";
      case PLANNED, UPLOADING, UPLOADED, CREATING, ENDED -> "step";
      case RETRIEVED, REFUSED, SETTLED, DIVIDED -> ""; // calls nobody
    };
  }

  /** Takes a worker for a claimed part; false when its provider has as many as it gets. */
  boolean take(Part part) {
    String kind = kind(part);
    if (kind.isEmpty()) {
      return true;
    }
    int most = kind.equals("status") ? STATUS : steps;
    var ok = new boolean[1];
    taken.compute(
        key(part),
        (key, count) -> {
          int now = count == null ? 0 : count;
          ok[0] = now < most;
          return ok[0] ? now + 1 : now;
        });
    return ok[0];
  }

  /** Gives the worker back; the part as it was claimed. */
  void free(Part part) {
    if (!kind(part).isEmpty()) {
      taken.computeIfPresent(key(part), (key, count) -> count <= 1 ? null : count - 1);
    }
  }

  /** The providers that have as many as they get, for status calls or for other steps. */
  Set<String> full(boolean status) {
    String kind = status ? "status " : "step ";
    int most = status ? STATUS : steps;
    return taken.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(kind) && entry.getValue() >= most)
        .map(entry -> entry.getKey().substring(kind.length()))
        .collect(Collectors.toSet());
  }
}
