package io.caravan.server.store;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The batches that there are, and which of them are in the hands of this server. */
public interface Batches {
  /** Keeps the input, so that deleting the file cannot hurt the batch. */
  Lease create(String owner, BatchForm form) throws IOException;

  Optional<StoredBatch> find(String id);

  Page<StoredBatch> list(Listing listing);

  /** Leaves a batch that cannot be cancelled any more as it is; whoever runs it is told. */
  StoredBatch cancel(String id);

  /** Forgets what ended before, with all that is left of it. */
  void forgetEndedBefore(Instant time) throws IOException;

  /** Takes unfinished batches that nobody runs, about as many as there is room for. */
  List<Lease> claim(int room);

  /** Says that this server still runs them. */
  Renewal renew(Collection<Lease> leases);

  /** How often that has to be said. */
  Duration rhythm();

  /** What came of a renewal: the batches that are another's now, and those to be cancelled. */
  record Renewal(Set<String> lost, Set<String> cancelled) {
    public static final Renewal NO_NEWS = new Renewal(Set.of(), Set.of());
  }

  /** Whether that file of that owner may be the input. */
  static Optional<StoredFile> input(StoredFiles files, String owner, BatchForm form) {
    return files
        .find(form.inputFileId())
        .filter(file -> file.owner().equals(owner) && file.purpose().equals(FileForm.BATCH));
  }
}
