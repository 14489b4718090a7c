package io.caravan.server.store.folder;

import io.caravan.server.store.BatchFolder;
import io.caravan.server.store.BatchProgress;
import io.caravan.server.store.Journal;
import io.caravan.server.store.Lease;
import io.caravan.server.store.StoredBatch;
import java.io.IOException;
import java.util.function.UnaryOperator;

/** The lease of a batch stored in a folder, which no other server can take over. */
record FolderLease(FolderBatches batches, String id) implements Lease {

  @Override
  public StoredBatch batch() {
    return batches.find(id).orElseThrow();
  }

  @Override
  public StoredBatch update(UnaryOperator<StoredBatch> change) {
    return batches.update(id, change);
  }

  @Override
  public BatchFolder folder() {
    return batches.folder(id);
  }

  @Override
  public void open() {}

  @Override
  public Journal journal() {
    return Journal.NONE;
  }

  @Override
  public void report(BatchProgress progress) {}

  @Override
  public void end() throws IOException {
    folder().clear();
  }

  @Override
  public void release() {}
}
