package io.caravan.server.run;

import io.caravan.server.wire.BoundedLineReader.Line;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The positions of the requests of an input file, in execution order: requests with the same prompt
 * prefix are adjacent, so that they hit the prompt cache of a server. Takes 12 bytes per request.
 */
final class InputOrder {
  private final long[] starts;
  private final int[] lengths;

  private InputOrder(long[] starts, int[] lengths) {
    this.starts = starts;
    this.lengths = lengths;
  }

  int size() {
    return starts.length;
  }

  long start(int index) {
    return starts[index];
  }

  /** In bytes, including the line end. */
  int length(int index) {
    return lengths[index];
  }

  /** Collects requests in file order. */
  static final class Builder {
    private final Map<Integer, Integer> ranks = new HashMap<>();
    private long[] starts = new long[1024];
    private int[] lengths = new int[1024];
    private int[] groups = new int[1024];
    private int size;

    void add(Line line, int prefix) {
      if (size == starts.length) {
        starts = Arrays.copyOf(starts, 2 * size);
        lengths = Arrays.copyOf(lengths, 2 * size);
        groups = Arrays.copyOf(groups, 2 * size);
      }
      starts[size] = line.start();
      lengths[size] = Math.toIntExact(line.end() - line.start());
      groups[size] = ranks.computeIfAbsent(prefix, unseen -> ranks.size());
      size++;
    }

    /** Orders groups by their first request, and requests of a group by file order. */
    InputOrder build() {
      int[] next = new int[ranks.size() + 1];
      for (int i = 0; i < size; i++) {
        next[groups[i] + 1]++;
      }
      Arrays.parallelPrefix(next, Integer::sum);
      long[] sortedStarts = new long[size];
      int[] sortedLengths = new int[size];
      for (int i = 0; i < size; i++) {
        int place = next[groups[i]]++;
        sortedStarts[place] = starts[i];
        sortedLengths[place] = lengths[i];
      }
      return new InputOrder(sortedStarts, sortedLengths);
    }
  }
}
