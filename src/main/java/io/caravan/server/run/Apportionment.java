package io.caravan.server.run;

import com.fasterxml.jackson.databind.node.ArrayNode;

/**
 * The tokens of a joined request, spread over its texts by length, since servers report only their
 * sum. The shares add up to that sum.
 */
final class Apportionment {
  private final long[] ends;

  Apportionment(long tokens, ArrayNode texts) {
    long characters = 0;
    long[] lengths = new long[texts.size() + 1];
    for (int i = 0; i < texts.size(); i++) {
      characters += texts.get(i).textValue().length();
      lengths[i + 1] = characters;
    }
    this.ends = new long[lengths.length];
    for (int i = 0; i < lengths.length; i++) {
      ends[i] = characters == 0 ? 0 : tokens * lengths[i] / characters;
    }
  }

  long between(int from, int to) {
    return ends[to] - ends[from];
  }
}
