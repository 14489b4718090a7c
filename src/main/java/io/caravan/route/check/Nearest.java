package io.caravan.route.check;

import java.util.Collection;
import java.util.Comparator;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Suggests the name that was probably meant. */
final class Nearest {
  private static final int FARTHEST = 3;

  private Nearest() {}

  /** A sentence with the nearest name; the other advice if none is near. */
  static String to(String written, Collection<String> names, String otherwise) {
    var distance = new LevenshteinDistance(FARTHEST);
    return names.stream()
        .filter(it -> distance.apply(written, it) >= 0)
        .min(
            Comparator.comparingInt((String it) -> distance.apply(written, it))
                .thenComparing(it -> it))
        .map("Write %s."::formatted)
        .orElse(otherwise);
  }
}
