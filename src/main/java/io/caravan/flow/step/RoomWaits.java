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

/** Files and jobs that wait for room on a disk; they are tried again once there is some. */
@Component
public class RoomWaits {
  private static final int REMEMBERED = 1_000;

  /** What has not failed again for so long does not wait any more, or was taken away. */
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
   * Fails while there is no room for a file that is to be taken in, by what its inbox says of it
   * and what earlier tries have taught; so that it is not written for nothing again and again.
   *
   * @param announced its bytes, as far as they are known
   */
  public void check(String arrival, Path workspace, long announced) throws NoRoomException {
    Waiting before = waiting.get(arrival);
    long needed = Math.max(announced, before == null ? 0 : before.why().needed());
    try {
      DiskReserve.require(workspace.resolve("input"), needed, DiskReserve.Use.NEW_FILE);
    } catch (NoRoomException e) {
      if (before != null || !e.isNever()) { // else it is refused as soon as it is looked at
        throw e;
      }
    }
  }

  /** Notes that something waits, if that is what the failure says; returns for how long. */
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

  /** What waits now, and for what. */
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
