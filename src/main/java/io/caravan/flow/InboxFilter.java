package io.caravan.flow;

import io.caravan.jsonl.Format;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Decides which files of a folder inbox are complete and fit to be taken; tells once of those that
 * are not.
 */
@Component("inboxFilter")
public class InboxFilter implements GenericFileFilter<File> {
  private static final Logger LOG = LoggerFactory.getLogger(InboxFilter.class);
  private static final int REMEMBERED = 10_000;

  private final FlowProperties.Intake settings;
  private final Clock clock;
  private final OpenFiles openFiles;
  private final Set<Path> told = ConcurrentHashMap.newKeySet();
  private final Map<Path, Instant> setBack = new ConcurrentHashMap<>();

  InboxFilter(FlowProperties.Intake settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    this.openFiles = new OpenFiles(clock);
  }

  @Override
  public boolean accept(GenericFile<File> candidate) {
    File file = candidate.getFile();
    Path path = file.toPath();
    boolean input = Format.isInput(file.getName());
    if (candidate.isDirectory()) {
      if (input && !settings.subfolders()) {
        tell(
            path,
            "is a folder, and stays where it is. Drop files, or set"
                + " CARAVAN_INTAKE_SUBFOLDERS=true to take files from subfolders.");
      }
      return settings.subfolders();
    }
    return input && !isSetBack(path) && isFit(path);
  }

  private boolean isFit(Path path) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return false; // another replica was faster
    }
    if (!Files.isRegularFile(path)) {
      tell(path, "is no regular file, and stays where it is. Drop a plain file.");
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
      return isQuiet(path) && !openFiles.isBeingWritten(path);
    } catch (IOException e) {
      return false; // gone, or going: the next look tells
    }
  }

  private boolean isQuiet(Path path) throws IOException {
    Duration quiet = Duration.between(Files.getLastModifiedTime(path).toInstant(), clock.instant());
    if (quiet.isNegative()) {
      return true; // from the future: somebody's clock or a restored date, not a writer
    }
    return quiet.compareTo(endsWhole(path) ? settings.quiet() : settings.quietUnfinished()) >= 0;
  }

  /**
   * A text file that is being written mostly ends in the middle of a line; a compressed one never
   * tells.
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

  /** Leaves a file alone for a while after it could not be stored. */
  void setBack(Path path, Duration wait) {
    forgetOld();
    setBack.put(path.toAbsolutePath().normalize(), clock.instant().plus(wait));
  }

  private boolean isSetBack(Path path) {
    Instant until = setBack.get(path.toAbsolutePath().normalize());
    return until != null && clock.instant().isBefore(until);
  }

  private void tell(Path path, String message) {
    forgetOld();
    if (told.add(path)) {
      LOG.warn("{} {}", path, message);
    }
  }

  private void forgetOld() {
    if (told.size() > REMEMBERED || setBack.size() > REMEMBERED) {
      told.clear();
      setBack.clear();
    }
  }
}
