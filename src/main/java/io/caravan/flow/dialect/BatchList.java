package io.caravan.flow.dialect;

import io.caravan.job.Batch;
import io.caravan.job.WaitingBatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One look through a provider's list for batches that are due; not safe for several threads. */
public final class BatchList {
  private static final int PAGE = 100;

  /** How many calls a page has to save, at least. */
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

  /** Whose list it is. */
  public String provider() {
    return provider;
  }

  /** The batches of a page that are looked for. */
  Stream<Seen> see(List<Batch> page) {
    pages++;
    return page.stream()
        .flatMap(
            batch -> Stream.ofNullable(open.remove(batch.id())).map(it -> new Seen(it, batch)));
  }

  /** A batch that was looked for. */
  record Seen(WaitingBatch before, Batch now) {
    boolean goesOn() {
      return !now.status().terminal() && !isNew();
    }

    /** Not so where a batch has ended, and is asked again since answers are missing. */
    boolean isNew() {
      return now.status() != before.batchStatus();
    }
  }

  /** Whether all were seen, or the list is so long that asking for each is no more work. */
  boolean isOver() {
    return open.isEmpty() || !pays();
  }

  /**
   * Whether it can be expected to.
   *
   * @param inFlight how many batches of ours the list has at least
   */
  boolean pays(int inFlight) {
    return inFlight / PAGE * SAVES <= due;
  }

  /** Whether it takes far fewer calls than asking for each. */
  boolean pays() {
    return pages * SAVES <= due;
  }
}
