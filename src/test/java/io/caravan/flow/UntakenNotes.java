package io.caravan.flow;

import io.caravan.job.source.Untaken;
import io.caravan.job.source.UntakenFiles;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An in-memory {@link UntakenFiles}. */
public final class UntakenNotes implements UntakenFiles {
  private final Map<String, String> reasons = new TreeMap<>();

  @Override
  public void note(Untaken untaken) {
    reasons.put(untaken.source(), untaken.reason());
  }

  @Override
  public void forget(String source) {
    reasons.remove(source);
  }

  @Override
  public void forgetAll() {
    reasons.clear();
  }

  @Override
  public List<Untaken> oldest(int limit) {
    throw new UnsupportedOperationException();
  }

  public Map<String, String> reasons() {
    return reasons;
  }
}
