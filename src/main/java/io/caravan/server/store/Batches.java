package io.caravan.server.store;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The store of batches, and the leases of those that this server runs. */
public interface Batches {
  /** Creates a batch with its own reference to the input, which survives deletion of the file. */
  Lease create(String owner, BatchForm form) throws IOException;

  Optional<StoredBatch> find(String id);

  Page<StoredBatch> list(Listing listing);

  /** Cancels a batch and notifies the server that runs it; has no effect once it is too late. */
  StoredBatch cancel(String id);

  /** Deletes the batches that ended before the time, with all their data. */
  void forgetEndedBefore(Instant time) throws IOException;

  /** Leases unfinished batches that no server runs, about {@code room} of them. */
  List<Lease> claim(int room);

  /** Renews the leases of this server. */
  Renewal renew(Collection<Lease> leases);

  /** The interval between renewals. */
  Duration rhythm();

  /** The outcome of a renewal: batches whose lease is lost, and batches to cancel. */
  record Renewal(Set<String> lost, Set<String> cancelled) {
    public static final Renewal NO_NEWS = new Renewal(Set.of(), Set.of());
  }

  /** Finds the input file, if it belongs to the owner and has purpose batch. */
  static Optional<StoredFile> input(StoredFiles files, String owner, BatchForm form) {
    return files
        .find(form.inputFileId())
        .filter(file -> file.owner().equals(owner) && file.purpose().equals(FileForm.BATCH));
  }
}
