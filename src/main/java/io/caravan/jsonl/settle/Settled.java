package io.caravan.jsonl.settle;

import java.util.List;

/**
 * What became of the requests of a job; {@code requests = results + errors}.
 *
 * @param usage of the answers that were taken
 * @param unknownIds answers that belong to no request
 * @param repeatedIds answers to a request that had one already
 * @param unreadable lines of answer files that are no answer
 * @param notes the first few of the three above, each with file and line
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
