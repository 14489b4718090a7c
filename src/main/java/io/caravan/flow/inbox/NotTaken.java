package io.caravan.flow.inbox;

import io.caravan.job.source.Untaken;
import io.caravan.job.source.UntakenFiles;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** Logs files in inboxes that are not taken, once each, and records them for operators. */
@Component
public class NotTaken {
  private static final Logger LOG = LoggerFactory.getLogger(NotTaken.class);
  private static final int REMEMBERED = 10_000;
  private static final int NOTED = 1_000;
  private static final Duration NOTE_AGAIN = Duration.ofMinutes(1);

  private final UntakenFiles files;
  private final Clock clock;
  private final Map<String, Sighting> sightings = new ConcurrentHashMap<>();
  private final AtomicBoolean begun = new AtomicBoolean();

  NotTaken(UntakenFiles files, Clock clock) {
    this.files = files;
    this.clock = clock;
  }

  /** When a file was first and last seen, and when it was recorded. */
  private record Sighting(Instant first, Instant last, Instant noted) {}

  /**
   * Reports a file, folder or object that is not taken.
   *
   * @param source the file, folder or object
   * @param reason the rest of a sentence that starts with the source
   */
  void tell(String source, String reason) {
    if (!isTold(source)) {
      LOG.warn("{} {}", source.replaceAll("\\p{Cntrl}", "?"), reason);
    }
    record(source, reason);
  }

  /** Records a file for operators, like {@link #tell} but without a log line. */
  public void record(String source, String reason) {
    if (sightings.size() > REMEMBERED) {
      sightings.clear();
    }
    Instant now = clock.instant();
    Sighting before = sightings.get(source);
    Instant first = before == null ? now : before.first;
    Instant noted = before == null ? Instant.EPOCH : before.noted;
    if (noted.plus(NOTE_AGAIN).isBefore(now) && sightings.size() < NOTED) {
      noted = note(new Untaken(source, reason, first)) ? now : noted;
    }
    sightings.put(source, new Sighting(first, now, noted));
  }

  /** Records it; repeated regularly, since a starting replica deletes the records of all. */
  private boolean note(Untaken untaken) {
    try {
      begin();
      files.note(untaken);
      return true;
    } catch (DataAccessException e) {
      return false; // the next poll retries
    }
  }

  /** Deletes the records of earlier processes, whose files may be gone. */
  private void begin() {
    if (begun.compareAndSet(false, true)) {
      files.forgetAll();
    }
  }

  boolean isTold(String source) {
    return sightings.containsKey(source);
  }

  /** Deletes the record of a file that was taken or is gone. */
  public void forget(String source) {
    if (sightings.remove(source) != null) {
      try {
        files.forget(source);
      } catch (DataAccessException e) {
        LOG.debug("the record of {} could not be deleted: {}", source, e.getMessage());
      }
    }
  }

  /** Deletes the records of files not seen since then, after a full listing. */
  void forgetUnseen(String beginning, @Nullable Instant since) {
    if (since == null) {
      try {
        begin();
      } catch (DataAccessException e) {
        LOG.debug("old records of files not taken could not be deleted: {}", e.getMessage());
      }
    } else {
      sightings.forEach((source, sighting) -> {
        if (source.startsWith(beginning) && sighting.last.isBefore(since)) {
          forget(source);
        }
      });
    }
  }
}
