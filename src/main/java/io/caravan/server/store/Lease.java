package io.caravan.server.store;

import java.io.IOException;
import java.util.function.UnaryOperator;

/** The lease of one batch, held by this server until it ends or another server takes it over. */
public interface Lease {

  String id();

  /** The currently stored state of the batch. */
  StoredBatch batch();

  /**
   * Changes the stored state of the batch.
   *
   * @throws LeaseLostException if another server has taken over the batch
   */
  StoredBatch update(UnaryOperator<StoredBatch> change);

  /** The folder of its input and results while it runs. */
  BatchFolder folder();

  /** Prepares the folder: restores the input and the stored answers if they are elsewhere. */
  void open() throws IOException;

  /** The journal that stores answers outside the folder. */
  Journal journal();

  /** Publishes the progress to other servers. */
  void report(BatchProgress progress);

  /** Deletes the data that an ended batch no longer needs. */
  void end() throws IOException;

  /** Releases an unfinished batch, so that another server may take it over. */
  void release();
}
