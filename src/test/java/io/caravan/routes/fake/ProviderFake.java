package io.caravan.routes.fake;

import io.caravan.routes.contract.ProviderContract;
import java.util.Map;

/**
 * A fake provider on loopback that a {@link ProviderContract} can script. It behaves like recorded
 * exchanges with the real one, immediately and deterministically, and answers every request
 * successfully whose id and text do not contain {@code refuse me}.
 */
public interface ProviderFake extends AutoCloseable {
  /** The settings that point Caravan to it. */
  Map<String, String> settings();

  /** Sets the faults of the next calls of a step, in order. */
  void next(Step step, Fault... faults);

  /** Removes all faults. */
  void mend();

  /** Whether batches never end. */
  void stall(boolean stalled);

  /** Makes this many requests of the next batch expire. */
  void expireNext(int requests);

  /** Forgets all existing batches. */
  void loseBatches();

  /** The number of batches ever created with that text in a request. */
  long created(String text);

  /** The number of stored files or batches with that text. */
  long stored(String text);

  /** The number of cancel calls. */
  long cancels();

  /** Whether results are lines, not one object. */
  default boolean hasResultLines() {
    return true;
  }

  /** The answer to a refused key. */
  default Fault refusedKey() {
    return Fault.refused(401, Fault.error("Incorrect API key provided.", "invalid_api_key"));
  }

  @Override
  void close() throws java.io.IOException;

  /** The steps of a batch at its provider. */
  enum Step {
    CREATE,
    /** Searching for the batch of a lost create. */
    LIST,
    STATUS,
    RESULTS
  }
}
