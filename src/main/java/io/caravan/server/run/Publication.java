package io.caravan.server.run;

import io.caravan.server.store.DurableFiles;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.store.answers.BatchFolder;
import io.caravan.server.wire.IdKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The publication of an ended batch's result files in the Files API; idempotent. */
public record Publication(StoredFiles files, Duration retention) {

  public StoredBatch publish(StoredBatch batch, BatchFolder folder) throws IOException {
    return batch.publish(
        publish(batch, folder.output(), "output"), publish(batch, folder.errors(), "error"));
  }

  private @Nullable String publish(StoredBatch batch, Path source, String kind) throws IOException {
    if (DurableFiles.isEmpty(source)) {
      return null;
    }
    String name = batch.id() + "_" + kind + ".jsonl";
    Duration lifetime =
        Optional.ofNullable(batch.order().form().outputExpiresAfter()).orElse(retention);
    return files
        .add(
            IdKind.FILE.derivedFrom(name),
            batch.order().owner(),
            name,
            "batch_output",
            lifetime,
            target -> DurableFiles.link(source, target))
        .id();
  }
}
