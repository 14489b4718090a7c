package io.caravan.disk;

import java.io.File;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Keeps some of each disk free, so that what fills it leaves room for the store, the log and other
 * programs: all that write large files ask here. New files leave all of the reserve; what is taken
 * in already may use half of it, so that jobs can end and give room back.
 *
 * <p>There is one for the process, since it is the process's disks that fill up.
 */
public final class DiskReserve {
  /** What the room is for: new files leave more of it free than work on jobs does. */
  public enum Use {
    NEW_FILE(1),
    WORK_IN_HAND(2);

    private final int divisor;

    Use(int divisor) {
      this.divisor = divisor;
    }
  }

  /** A disk at one moment, in bytes. */
  public record Space(long free, long total) {}

  /** Looks at the disk that a file is, or will be, on. */
  @FunctionalInterface
  public interface Reading {
    Space of(Path file);
  }

  /** What is written between two looks at the disk, which take about a microsecond. */
  private static final long BETWEEN_LOOKS = 1 << 20;

  private static final long USUAL = 1L << 30;
  private static final int SHARE = 20; // 5 %

  private static volatile DiskReserve current = new DiskReserve(USUAL, DiskReserve::measure);

  private final long bytes;
  private final Reading reading;

  /**
   * @param bytes that are kept free, but of small disks no more than 5 %
   */
  public DiskReserve(long bytes, Reading reading) {
    this.bytes = bytes;
    this.reading = reading;
  }

  /** Keeps so much free from now on. */
  public static void keep(long bytes) {
    install(new DiskReserve(bytes, DiskReserve::measure));
  }

  /** Makes it the one of this process; returns the one before. */
  public static DiskReserve install(DiskReserve reserve) {
    DiskReserve before = current;
    current = reserve;
    return before;
  }

  /** The one of this process. */
  public static DiskReserve current() {
    return current;
  }

  /** Fails unless so many bytes fit. */
  public static void require(Path file, long needed, Use use) throws NoRoomException {
    current.check(file, needed, use);
  }

  /** A guard of what is written to a file bit by bit. */
  public static Guard guard(Path file, Use use) {
    return new Guard(file, use);
  }

  /** A stream to a file, which is made or emptied, that fails before its disk is full. */
  public static OutputStream newOutputStream(Path file) throws IOException {
    return guarded(Files.newOutputStream(file), file);
  }

  static OutputStream guarded(OutputStream out, Path file) {
    Guard guard = guard(file, Use.WORK_IN_HAND);
    return new FilterOutputStream(out) {
      @Override
      public void write(int value) throws IOException {
        guard.write(1);
        out.write(value);
      }

      @Override
      public void write(byte[] given, int from, int length) throws IOException {
        guard.write(length);
        out.write(given, from, length);
      }
    };
  }

  /** Free bytes beside the reserve of new files; negative when some of it is used. */
  public long room(Path file) {
    Space disk = reading.of(file);
    return disk.free() - reserve(disk);
  }

  /** Whether so many bytes fit. */
  public boolean fits(Path file, long needed, Use use) {
    Space disk = reading.of(file);
    return disk.free() - kept(disk, use) >= needed;
  }

  private void check(Path file, long needed, Use use) throws NoRoomException {
    Space disk = reading.of(file);
    if (disk.free() - kept(disk, use) < needed) {
      throw refusal(file, disk, needed, needed, use);
    }
  }

  private NoRoomException refusal(Path file, Space disk, long least, long needed, Use use) {
    long kept = kept(disk, use);
    boolean never = least > disk.total() - kept;
    String message =
        "no room for %s: the disk of %s has %s free of %s, and %s are kept free (caravan.workspace.reserve). %s"
            .formatted(
                text(needed),
                file.toAbsolutePath().getParent(),
                text(disk.free()),
                text(disk.total()),
                text(kept),
                needed > disk.total() - kept
                    ? "Even empty it would be too small: enlarge it, or send smaller files."
                    : "Free some space; it is tried again then.");
    return new NoRoomException(message, file, use, needed, never);
  }

  private long kept(Space disk, Use use) {
    return reserve(disk) / use.divisor;
  }

  private long reserve(Space disk) {
    return Math.min(bytes, disk.total() / SHARE);
  }

  private static Space measure(Path file) {
    File there = file.toAbsolutePath().toFile();
    while (there != null && !there.exists()) {
      there = there.getParentFile();
    }
    return there == null
        ? new Space(0, 0)
        : new Space(there.getUsableSpace(), there.getTotalSpace());
  }

  /** Bytes as people write them. */
  public static String text(long bytes) {
    return bytes < 10_000_000
        ? String.format(Locale.ROOT, "%,d kB", (bytes + 999) / 1_000)
        : String.format(Locale.ROOT, "%,d MB", bytes / 1_000_000);
  }

  /** Looks at a disk from time to time while a file grows there. */
  public static final class Guard {
    private final Path file;
    private final Use use;
    private long written;
    private long next;

    private Guard(Path file, Use use) {
      this.file = file;
      this.use = use;
    }

    /**
     * Fails unless so many more bytes fit. What was written is deleted then, and has to fit again
     * at the next try, with some of what comes behind it.
     */
    public void write(long more) throws NoRoomException {
      if (written == 0 || written + more > next) {
        DiskReserve reserve = current;
        Space disk = reserve.reading.of(file);
        if (disk.free() - reserve.kept(disk, use) < more) {
          long least = written + more;
          throw reserve.refusal(file, disk, least, least + least / 4, use);
        }
        next = written + more + BETWEEN_LOOKS;
      }
      written += more;
    }
  }
}
