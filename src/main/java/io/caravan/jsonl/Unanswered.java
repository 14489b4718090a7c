package io.caravan.jsonl;

/** Says why a request that was sent has no answer. */
@FunctionalInterface
public interface Unanswered {
  /**
   * The reason for one request.
   *
   * @param part number of the part that the request was in
   * @param line its line in that part, the first is 1
   */
  Reason reason(int part, int line);
}
