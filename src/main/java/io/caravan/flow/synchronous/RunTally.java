package io.caravan.flow.synchronous;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** The counts of a run. Guarded by the run's lock. */
final class RunTally {
  private long answered;
  private long refused;
  private BigDecimal cost = BigDecimal.ZERO;
  private long unpriced;
  private boolean outOfMoney;
  private boolean late;
  private @Nullable String lastProblem;

  void add(Earlier earlier, CallJournal journal) {
    answered = earlier.answered();
    refused = earlier.refused();
    cost = journal.spent();
    unpriced = journal.unpriced();
  }

  void ended(boolean success) {
    if (success) {
      answered++;
    } else {
      refused++;
    }
  }

  void cost(@Nullable BigDecimal actual) {
    if (actual == null) {
      unpriced++;
    } else {
      cost = cost.add(actual);
    }
  }

  void outOfMoney() {
    outOfMoney = true;
  }

  void late() {
    late = true;
  }

  void problem(String problem) {
    lastProblem = problem;
  }

  SynchronousOutcome outcome(long requests, long repeated) {
    long unanswered = requests - answered - refused;
    return new SynchronousOutcome(
        answered,
        refused,
        unanswered,
        repeated,
        outOfMoney,
        late,
        cost,
        unpriced,
        unanswered == 0 ? null : lastProblem);
  }
}
