package io.caravan.job;

import java.util.List;

/** What lies in inboxes and is not taken, for operators to see. */
public interface UntakenFiles {
  /** Notes it, or another reason for it. */
  void note(Untaken untaken);

  /** It is taken by now, or gone. */
  void forget(String source);

  /** Forgets all: what is still there is noted again. */
  void forgetAll();

  /** Those that are still there, as far as this machine can tell, the oldest first. */
  List<Untaken> oldest(int limit);
}
