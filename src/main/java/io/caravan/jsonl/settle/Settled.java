package io.caravan.jsonl.settle;

import java.util.List;

/**
 * The outcome of a settlement; {@code requests = results + errors}.
 *
 * @param usage of the answers that were used
 * @param unknownIds answers that belong to no request
 * @param repeatedIds answers to a request that already had one
 * @param unreadable lines of answer files that are not answers
 * @param notes the first few of each of the three above, with file and line
 */
public record Settled(
    long requests,
    long results,
    long errors,
    Usage usage,
    long unknownIds,
    long repeatedIds,
    long unreadable,
    List<String> notes) {
  public Settled {
    notes = List.copyOf(notes);
  }
}
