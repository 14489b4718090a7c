package io.caravan.flow.step;

import io.caravan.disk.DiskReserve;
import io.caravan.disk.NoRoomException;
import io.caravan.flow.Backoff;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.util.ObjectHelper;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Files and jobs that wait for disk space; they are retried once there is enough. */
@Component
public class RoomWaits {
  private static final int REMEMBERED = 1_000;

  /** An entry without a new failure for this long is no longer waiting, or was removed. */
  private static final Duration LONGEST = Duration.ofMinutes(3);

  private static final Backoff WAITS =
      new Backoff(Duration.ofSeconds(5), Duration.ofSeconds(60), 2);

  private final Clock clock;
  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

  public RoomWaits(Clock clock) {
    this.clock = clock;
  }

  private record Waiting(String name, NoRoomException why, int times, Instant seen) {}

  /**
   * Fails while there is no disk space for an incoming file, judged by the size its inbox reports
   * and by earlier attempts, so that it is not written in vain repeatedly.
   *
   * @param announced its size in bytes; 0 if unknown
   */
  public void check(String arrival, Path workspace, long announced) throws NoRoomException {
    Waiting before = waiting.get(arrival);
    long needed = Math.max(announced, before == null ? 0 : before.why().needed());
    try {
      DiskReserve.require(workspace.resolve("input"), needed, DiskReserve.Use.NEW_FILE);
    } catch (NoRoomException e) {
      if (before != null || !e.isNever()) { // else it is refused when it is read
        throw e;
      }
    }
  }

  /** Records a wait for disk space and returns its length; null for any other failure. */
  public @Nullable Duration note(String id, String name, Throwable cause) {
    NoRoomException why = ObjectHelper.getException(NoRoomException.class, cause);
    if (why == null) {
      return null;
    }
    if (waiting.size() > REMEMBERED) {
      waiting.clear();
    }
    Waiting now =
        waiting.merge(
            id,
            new Waiting(name, why, 1, clock.instant()),
            (before, next) -> new Waiting(name, why, before.times() + 1, next.seen()));
    return WAITS.after(now.times() - 1);
  }

  /** What is waiting now, with the reason. */
  Map<String, String> waiting() {
    Instant since = clock.instant().minus(LONGEST);
    waiting.values().removeIf(it -> it.seen().isBefore(since));
    var names = new TreeMap<String, String>();
    waiting.values().stream()
        .filter(it -> !it.why().isOver())
        .forEach(it -> names.put(it.name(), String.valueOf(it.why().getMessage())));
    return names;
  }
}
