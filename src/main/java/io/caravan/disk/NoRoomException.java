package io.caravan.disk;

import java.io.IOException;
import java.nio.file.Path;

/** Thrown when a file does not fit on its disk beside the reserve; the message says what to do. */
public final class NoRoomException extends IOException {
  private final transient Path file;
  private final transient DiskReserve.Use use;
  private final long needed;
  private final boolean never;

  NoRoomException(String message, Path file, DiskReserve.Use use, long needed, boolean never) {
    super(message);
    this.file = file;
    this.use = use;
    this.needed = needed;
    this.never = never;
  }

  /** Whether the file fits now. */
  public boolean isOver() {
    return DiskReserve.current().fits(file, needed, use);
  }

  /** Whether the file would not fit even on an empty disk. */
  public boolean isNever() {
    return never;
  }

  /** The free bytes beyond the reserve that a retry needs. */
  public long needed() {
    return needed;
  }
}
