package io.caravan.routes;

import java.util.Map;

/**
 * A provider on loopback that a {@link ProviderContract} can script: it does as its real one's
 * recorded exchanges say, at once and in the same way each time, and answers well to every request
 * whose id and text do not say {@code refuse me}.
 */
interface ProviderFake extends AutoCloseable {
  /** What sends Caravan there. */
  Map<String, String> settings();

  /** What goes wrong with the next calls for that, one after the other. */
  void next(Step step, Fault... faults);

  /** No call goes wrong any more. */
  void mend();

  /** Whether batches run on without an end. */
  void stall(boolean stalled);

  /** So many requests of the next batch find no time to run. */
  void expireNext(int requests);

  /** Knows no batch any more that has run so far. */
  void loseBatches();

  /** How many batches with that text in a request were ever created. */
  long created(String text);

  /** How much it still stores with that text: files or batches. */
  long stored(String text);

  /** How often it was asked to cancel a batch. */
  long cancels();

  /** Whether results come as lines; else they are all in one. */
  default boolean hasResultLines() {
    return true;
  }

  /** How it refuses a key. */
  default Fault refusedKey() {
    return Fault.refused(401, Fault.error("Incorrect API key provided.", "invalid_api_key"));
  }

  @Override
  void close() throws java.io.IOException;

  /** What a batch needs of its provider. */
  enum Step {
    CREATE,
    /** Looking for what a lost create left. */
    LIST,
    STATUS,
    RESULTS
  }
}
