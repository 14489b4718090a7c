package io.caravan.disk;

import java.io.File;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The free space kept on each disk for the store, the log and other programs; writers of large
 * files check it. New files must leave the whole reserve free; accepted work may use half of it, so
 * that jobs can end and free space.
 *
 * <p>There is one reserve per process.
 */
public final class DiskReserve {
  /** What the space is for: new files leave more of it free than work on jobs. */
  public enum Use {
    NEW_FILE(1),
    WORK_IN_HAND(2);

    private final int divisor;

    Use(int divisor) {
      this.divisor = divisor;
    }
  }

  /** The free and total bytes of a disk at one moment. */
  public record Space(long free, long total) {}

  /** Measures the disk of a file, which may not exist yet. */
  @FunctionalInterface
  public interface Reading {
    Space of(Path file);
  }

  /** Bytes written between two disk checks, which take about a microsecond each. */
  private static final long BETWEEN_LOOKS = 1 << 20;

  private static final long USUAL = 1L << 30;
  private static final int SHARE = 20; // 5 %

  private static volatile DiskReserve current = new DiskReserve(USUAL, DiskReserve::measure);

  private final long bytes;
  private final Reading reading;

  /**
   * @param bytes kept free, but at most 5 % of a disk
   */
  public DiskReserve(long bytes, Reading reading) {
    this.bytes = bytes;
    this.reading = reading;
  }

  /** Sets the reserve of this process. */
  public static void keep(long bytes) {
    install(new DiskReserve(bytes, DiskReserve::measure));
  }

  /** Installs the reserve of this process; returns the previous one. */
  public static DiskReserve install(DiskReserve reserve) {
    DiskReserve before = current;
    current = reserve;
    return before;
  }

  /** The reserve of this process. */
  public static DiskReserve current() {
    return current;
  }

  /** Fails unless {@code needed} bytes fit. */
  public static void require(Path file, long needed, Use use) throws NoRoomException {
    current.check(file, needed, use);
  }

  /** Returns a guard for a file that grows in small writes. */
  public static Guard guard(Path file, Use use) {
    return new Guard(file, use);
  }

  /** Creates or truncates a file; its stream fails before the disk is full. */
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

  /** Free bytes beyond the reserve for new files; negative when part of it is used. */
  public long room(Path file) {
    Space disk = reading.of(file);
    return disk.free() - reserve(disk);
  }

  /** Whether {@code needed} bytes fit. */
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
                    : "Free some space; Caravan then retries.");
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

  /** Formats bytes as kB or MB. */
  public static String text(long bytes) {
    return bytes < 10_000_000
        ? String.format(Locale.ROOT, "%,d kB", (bytes + 999) / 1_000)
        : String.format(Locale.ROOT, "%,d MB", bytes / 1_000_000);
  }

  /** Checks the disk at intervals while a file grows. */
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
     * Fails unless {@code more} bytes fit. The caller then deletes the file, so a retry needs space
     * for all bytes so far plus a quarter.
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
