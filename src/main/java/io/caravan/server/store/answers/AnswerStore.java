package io.caravan.server.store.answers;

import io.caravan.lease.StaleRowException;
import java.io.IOException;

/**
 * The stored answers of unfinished batches. They are kept where the rows are: in files beside
 * SQLite, or in a table of PostgreSQL.
 */
public interface AnswerStore extends AutoCloseable {
  /** Restores the result files of a run from the stored answers, and opens the log for more. */
  Journal open(Run run, BatchFolder folder) throws IOException;

  /** Deletes the stored answers of a batch; on PostgreSQL, in the caller's transaction. */
  void delete(String batchId);

  /** The bytes of all stored answers. */
  long bytes() throws IOException;

  @Override
  void close();

  /** The run of a batch by one replica. */
  record Run(String batchId, String owner) {
    /** The failure when another replica has taken over the batch. */
    public StaleRowException takenOver() {
      return new StaleRowException("batch=%s is run by another replica now".formatted(batchId));
    }
  }
}
