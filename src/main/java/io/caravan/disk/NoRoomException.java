package io.caravan.disk;

import java.io.IOException;
import java.nio.file.Path;

/** A file has no room on its disk beside what is kept free; the message says what to do. */
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

  /** Whether there is room for it now. */
  public boolean isOver() {
    return DiskReserve.current().fits(file, needed, use);
  }

  /** Whether it would not fit if nothing else were there. */
  public boolean isNever() {
    return never;
  }

  /** Free bytes beside what is kept, without which another try is in vain. */
  public long needed() {
    return needed;
  }
}
