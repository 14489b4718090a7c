package io.caravan.flow.dialect;

import io.caravan.job.Batch;
import io.caravan.job.WaitingBatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One pass through a provider's batch list in search of due batches; not thread-safe. */
final class BatchList {
  private static final int PAGE = 100;

  /** The minimum number of calls that a page must save. */
  private static final int SAVES = 5;

  private final String provider;
  private final int due;
  private final Map<String, WaitingBatch> open = new HashMap<>();
  private int pages;

  BatchList(String provider, List<WaitingBatch> due) {
    this.provider = provider;
    this.due = due.size();
    due.forEach(batch -> open.put(batch.batchId(), batch));
  }

  /** The provider of the list. */
  public String provider() {
    return provider;
  }

  /** The due batches on a page. */
  Stream<Seen> see(List<Batch> page) {
    pages++;
    return page.stream()
        .flatMap(
            batch -> Stream.ofNullable(open.remove(batch.id())).map(it -> new Seen(it, batch)));
  }

  /** A due batch that was found. */
  record Seen(WaitingBatch before, Batch now) {
    boolean goesOn() {
      return !now.status().terminal() && !isNew();
    }

    /** False for an ended batch that is polled again because answers are missing. */
    boolean isNew() {
      return now.status() != before.batchStatus();
    }
  }

  /** Whether all were found, or polling each batch takes no more calls. */
  boolean isOver() {
    return open.isEmpty() || !pays();
  }

  /**
   * Whether reading the list is expected to save calls.
   *
   * @param inFlight the minimum number of our batches on the list
   */
  boolean pays(int inFlight) {
    return inFlight / PAGE * SAVES <= due;
  }

  /** Whether reading the list takes far fewer calls than polling each batch. */
  boolean pays() {
    return pages * SAVES <= due;
  }
}
