package io.caravan.flow.step;

import io.caravan.job.WaitingBatches;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Makes polls of batches due at once, because their provider has reported something about them. The
 * row of the part is changed, so whichever replica is free polls it.
 */
@Component
public class WakeUps {
  /** Events make a batch due at most this often. */
  private static final Duration REST = Duration.ofSeconds(5);

  /** A row that is held longer belongs to a poll that hangs; the poll after it is near anyway. */
  private static final Duration LONGEST_HELD = Duration.ofMinutes(3);

  private static final int MOST_REMEMBERED = 10_000;
  private static final int MOST_HELD = 1000;

  private final WaitingBatches waiting;
  private final PollPace pace;
  private final Clock clock;

  /** When parts were last made due; the least recent ones are forgotten. */
  private final Map<String, Instant> last = bounded(MOST_REMEMBERED);

  /** Parts whose rows were held, with the time at which they should have been due. */
  private final Map<String, Instant> held = bounded(MOST_HELD);

  WakeUps(WaitingBatches waiting, PollPace pace, Clock clock) {
    this.waiting = waiting;
    this.pace = pace;
    this.clock = clock;
  }

  private static Map<String, Instant> bounded(int most) {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
        return size() > most;
      }
    };
  }

  /**
   * Makes the poll of a batch due.
   *
   * @param providers the providers that may have the batch
   * @return whether a part waits for that batch
   */
  public boolean wake(String batchId, Set<String> providers) {
    List<WaitingBatches.Waits> parts = waiting.waitingFor(batchId, providers);
    for (WaitingBatches.Waits part : parts) {
      pace.heard(part.provider());
      Instant due = nextDue(part.id());
      if (!waiting.wake(part.id(), due)) {
        synchronized (held) {
          held.put(part.id(), due);
        }
      }
    }
    return !parts.isEmpty();
  }

  /** Now, or the end of the rest after the previous event, which may be pending. */
  private Instant nextDue(String part) {
    Instant now = clock.instant();
    synchronized (last) {
      Instant before = last.remove(part); // put again as the most recent one
      Instant due =
          before == null ? now : later(now, before.isAfter(now) ? before : before.plus(REST));
      due = due.isAfter(now.plus(REST)) ? now : due; // the clock was set back
      last.put(part, due);
      return due;
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /** Makes polls due whose rows were held, since the poll in flight may have begun too early. */
  void repeatHeld() {
    Map<String, Instant> again;
    synchronized (held) {
      again = Map.copyOf(held);
    }
    again.forEach((part, due) -> {
      if (waiting.wake(part, due) || due.plus(LONGEST_HELD).isBefore(clock.instant())) {
        synchronized (held) {
          held.remove(part, due);
        }
      }
    });
  }
}
