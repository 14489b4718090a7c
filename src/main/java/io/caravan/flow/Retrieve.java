package io.caravan.flow;

import io.caravan.batch.BatchError;
import io.caravan.batch.BatchStore;
import io.caravan.batch.JobFiles;
import io.caravan.batch.Part;
import io.caravan.batch.PartStatus;
import io.caravan.batch.Workspace;
import io.caravan.provider.OpenAiDialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Knows which files of an ended batch are still to be brought here. */
@Component("retrieve")
public class Retrieve {
  private final BatchStore store;
  private final Workspace workspace;

  Retrieve(BatchStore store, Workspace workspace) {
    this.store = store;
    this.workspace = workspace;
  }

  /** Output and error file, as far as there are any and they are not here. */
  public List<RemoteFile> filesToRetrieve(@ExchangeProperty("part") Part part) throws IOException {
    var remote = new ArrayList<RemoteFile>();
    try (JobFiles files = workspace.open(part)) {
      add(remote, part.outputFileId(), files.output(part));
      add(remote, part.errorFileId(), files.error(part));
    }
    return remote;
  }

  /** All answers of a batch in one, unless they are here. */
  List<RemoteFile> unlessHere(Part part, String id) throws IOException {
    var remote = new ArrayList<RemoteFile>();
    try (JobFiles files = workspace.open(part)) {
      add(remote, id, files.output(part));
    }
    return remote;
  }

  private static void add(List<RemoteFile> files, @Nullable String id, Path target) {
    if (id != null && !Files.exists(target)) { // it gets its name when it is whole
      files.add(new RemoteFile(id, target));
    }
  }

  /**
   * The provider no longer has a file: what stood in it was paid for, so none of it is sent again
   * unasked.
   */
  void gone(Part part, RemoteFile file, Exchange exchange) {
    var errors = new ArrayList<>(OpenAiDialect.readErrors(part.batchErrors()));
    errors.add(
        new BatchError(
            SettleBatch.FILE_GONE,
            "the provider no longer has the file %s with the answers.".formatted(file.id()),
            null,
            null));
    exchange.setProperty(
        "part", store.update(part, b -> b.batchErrors(OpenAiDialect.write(errors))));
  }

  /** Everything is here, or is known to be gone. */
  public void retrieved(@ExchangeProperty("part") Part part) {
    Part row = // a split hands no properties back, and may have written that a file is gone
        store.part(part.id()).filter(it -> Objects.equals(it.owner(), part.owner())).orElse(part);
    store.update(row, b -> b.status(PartStatus.RETRIEVED).tries(0).setback(null));
  }
}
