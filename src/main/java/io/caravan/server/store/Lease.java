package io.caravan.server.store;

import java.io.IOException;
import java.util.function.UnaryOperator;

/** A batch in the hands of this server, until it ends or another server has taken it. */
public interface Lease {

  String id();

  /** The batch as it is stored now. */
  StoredBatch batch();

  /**
   * Changes what is stored.
   *
   * @throws LeaseLostException when the batch is another's now
   */
  StoredBatch update(UnaryOperator<StoredBatch> change);

  /** Where its input and its results are while it runs. */
  BatchFolder folder();

  /** Brings into the folder what is not there. */
  void open() throws IOException;

  /** Where answers are kept beside the folder. */
  Journal journal();

  /** Shows others how far it is. */
  void report(BatchProgress progress);

  /** Drops what an ended batch no longer needs. */
  void end() throws IOException;

  /** Lets go of an unfinished batch, so that another server may take it. */
  void release();
}
