package io.caravan.flow.inbox;

import io.caravan.flow.FlowProperties;
import io.caravan.jsonl.convert.Format;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;
import org.springframework.stereotype.Component;

/**
 * Decides which files of a folder inbox are complete and can be taken, and reports the others once.
 */
@Component("inboxFilter")
public class InboxFilter implements GenericFileFilter<File> {
  private static final int REMEMBERED = 10_000;
  private static final Duration SWEEP = Duration.ofMinutes(1);

  /** Replaces bytes of a file name that cannot be decoded. */
  private static final char UNREADABLE_NAME = '\ufffd';

  private final FlowProperties.Intake settings;
  private final NotTaken notTaken;
  private final Clock clock;
  private final FilesInUse openFiles;
  private final Map<Path, Instant> setBack = new ConcurrentHashMap<>();
  private final Map<Path, Look> looks = new ConcurrentHashMap<>();
  private volatile Instant swept = Instant.EPOCH;

  InboxFilter(FlowProperties.Intake settings, NotTaken notTaken, Clock clock) {
    this.settings = settings;
    this.notTaken = notTaken;
    this.clock = clock;
    this.openFiles = new FilesInUse(clock);
  }

  @Override
  public boolean accept(GenericFile<File> candidate) {
    File file = candidate.getFile();
    Path path = file.toPath();
    boolean input = Format.isInput(file.getName());
    if (Files.isSymbolicLink(path) && !settings.followLinks()) {
      tell(
          path,
          "is a link, and stays where it is. Drop the file itself, or set"
              + " CARAVAN_INTAKE_FOLLOWLINKS=true.");
      return false;
    }
    if (candidate.isDirectory()) {
      if (!settings.subfolders()) {
        tell(
            path,
            "is a folder, and stays where it is. Drop files, or set"
                + " CARAVAN_INTAKE_SUBFOLDERS=true to take files from subfolders.");
      }
      return settings.subfolders();
    }
    if (!input) {
      tellOther(path);
      return false;
    }
    boolean taken = !isSetBack(path) && isFit(path);
    if (taken) {
      notTaken.forget(source(path));
    }
    return taken;
  }

  /** Reports the file once it is no longer written; its writer may still rename it. */
  private void tellOther(Path path) {
    try {
      if (stoodStill(path, settings.quietUnfinished())) {
        tell(
            path,
            "stays where it is: only files ending in %s are taken. Rename it if it is one of these."
                .formatted(Format.ENDINGS));
      }
    } catch (IOException e) {
      // the file is gone
    }
  }

  private boolean isFit(Path path) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (path.toString().indexOf(UNREADABLE_NAME) >= 0) {
        tell(path, "has a name that is not UTF-8, and stays where it is. Rename it.");
      }
      return false; // another replica was faster
    }
    if (!Files.isRegularFile(path)) {
      tell(path, "is not a regular file, and stays where it is. Drop a plain file.");
      return false;
    }
    if (!Files.isReadable(path)) {
      tell(
          path,
          "cannot be read, and stays where it is. Make it readable for the user that runs"
              + " Caravan.");
      return false;
    }
    try {
      Duration quiet = endsWhole(path) ? settings.quiet() : settings.quietUnfinished();
      return stoodStill(path, quiet) && !openFiles.isBeingWritten(path);
    } catch (IOException e) {
      return false; // the file may be gone; the next poll shows
    }
  }

  /** Whether the file has not changed for that long by our clock; a copy may keep an old date. */
  private boolean stoodStill(Path path, Duration quiet) throws IOException {
    Instant now = clock.instant();
    forgetUnseen(now);
    long size = Files.size(path);
    FileTime modified = Files.getLastModifiedTime(path);
    Look look =
        looks.compute(
            path,
            (key, before) ->
                before != null && before.is(size, modified) && !before.since.isAfter(now)
                    ? new Look(size, modified, before.since, now)
                    : new Look(size, modified, now, now));
    return Duration.between(look.since, now).compareTo(quiet) >= 0;
  }

  /** A file's state, since when it is unchanged, and when it was last checked. */
  private record Look(long size, FileTime modified, Instant since, Instant last) {
    boolean is(long otherSize, FileTime otherModified) {
      return size == otherSize && modified.equals(otherModified);
    }
  }

  private void forgetUnseen(Instant now) {
    if (swept.plus(SWEEP).isBefore(now)) {
      swept = now;
      looks.values().removeIf(look -> look.last.plus(SWEEP).isBefore(now));
    }
  }

  /**
   * Whether the file ends with a line end; a text file being written mostly does not. Always true
   * for compressed files, where the end shows nothing.
   */
  private static boolean endsWhole(Path path) throws IOException {
    if (path.toString().toLowerCase(Locale.ROOT).endsWith(".gz")) {
      return true;
    }
    try (var file = new RandomAccessFile(path.toFile(), "r")) {
      if (file.length() == 0) {
        return false;
      }
      file.seek(file.length() - 1);
      return file.read() == '\n';
    }
  }

  /** Ignores a file for a while after it could not be stored, and shows operators the reason. */
  void notStored(Path path, Duration wait, String reason) {
    setBack(path, wait);
    notTaken.record(source(path), reason);
  }

  /** Ignores a file for a while. */
  void setBack(Path path, Duration wait) {
    forgetOld();
    setBack.put(path.toAbsolutePath().normalize(), clock.instant().plus(wait));
  }

  private boolean isSetBack(Path path) {
    Instant until = setBack.get(path.toAbsolutePath().normalize());
    return until != null && clock.instant().isBefore(until);
  }

  private void tell(Path path, String message) {
    notTaken.tell(source(path), message);
  }

  /** The absolute path, the same for every working directory. */
  private static String source(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }

  private void forgetOld() {
    if (setBack.size() > REMEMBERED) {
      setBack.clear();
    }
  }
}
