package io.caravan.job.source;

import java.util.List;

/** The files in inboxes that are not accepted, for operators. */
public interface UntakenFiles {
  /** Records a file, or a new reason for it. */
  void note(Untaken untaken);

  /** Removes a file that was accepted or is gone. */
  void forget(String source);

  /** Removes all; files that are still there are recorded again. */
  void forgetAll();

  /** The files that still exist, as far as this machine can tell, oldest first. */
  List<Untaken> oldest(int limit);
}
