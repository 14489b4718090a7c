package io.caravan.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.caravan.disk.DiskReserve.Use;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskReserveTest {
  private static final Path FILE = Path.of("/data/workspace/a/input.jsonl");
  private static final long MB = 1_000_000;

  @Test
  void keepsAGigabyteOrFivePercentOfSmallDisks() {
    try (FullDisk large = FullDisk.of(500_000, 0)) {
      large.free(10_000);
      assertThat(DiskReserve.current().room(FILE)).isEqualTo(10_000 * MB - (1L << 30));
    }
    try (FullDisk small = FullDisk.of(1_000, 0)) {
      small.free(80);
      assertThat(DiskReserve.current().room(FILE)).isEqualTo(30 * MB);
    }
  }

  @Test
  void keepsTheConfiguredBytes() {
    var reserve = new DiskReserve(7 * MB, file -> new DiskReserve.Space(10 * MB, 1_000_000 * MB));

    assertThat(reserve.room(FILE)).isEqualTo(3 * MB);
    assertThat(reserve.fits(FILE, 3 * MB, Use.NEW_FILE)).isTrue();
    assertThat(reserve.fits(FILE, 3 * MB + 1, Use.NEW_FILE)).isFalse();
  }

  @Test
  void allowsAcceptedWorkToUseHalfOfIt() throws IOException {
    try (FullDisk disk = FullDisk.of(1_000, 0)) {
      disk.free(60);
      DiskReserve.require(FILE, 35 * MB, Use.WORK_IN_HAND);
      assertThatThrownBy(() -> DiskReserve.require(FILE, 35 * MB, Use.NEW_FILE))
          .isInstanceOf(NoRoomException.class)
          .hasMessage(
              "no room for 35 MB: the disk of /data/workspace/a has 60 MB free of 1,000 MB, and 50 MB are kept free (caravan.workspace.reserve). Free some space; Caravan then retries.");
    }
  }

  @Test
  void distinguishesFilesThatNeverFitFromFilesThatDoNotFitNow() {
    try (FullDisk disk = FullDisk.of(1_000, 100)) {
      var now = refusal(949 * MB);
      var never = refusal(951 * MB);

      assertThat(now.isNever()).isFalse();
      assertThat(never.isNever()).isTrue();
      assertThat(never).hasMessageContaining("Even empty it would be too small");
      assertThat(now.isOver()).isFalse();
      disk.free(1_000);
      assertThat(now.isOver()).isTrue();
      assertThat(never.isOver()).isFalse();
    }
  }

  @Test
  void stopsAGrowingFileBeforeTheDiskIsFull() throws IOException {
    try (FullDisk disk = FullDisk.of(1_000, 60)) {
      var out = new ByteArrayOutputStream();
      OutputStream guarded = DiskReserve.guarded(out, FILE);
      for (int i = 0; i < 30; i++) {
        guarded.write(new byte[1_000_000]);
      }
      disk.free(25);

      var e = catchThrowableOfType(NoRoomException.class, () -> guarded.write(new byte[2_000_000]));

      assertThat(out.size()).isEqualTo(30_000_000);
      assertThat(e.needed()).as("all bytes so far plus a quarter").isEqualTo(40 * MB);
    }
  }

  @Test
  void checksTheDiskOncePerMegabyte() throws IOException {
    try (FullDisk disk = FullDisk.of(1_000, 500)) {
      OutputStream guarded = DiskReserve.guarded(OutputStream.nullOutputStream(), FILE);
      for (int i = 0; i < 10_000; i++) {
        guarded.write(new byte[1_000]);
      }
      assertThat(disk.looks()).isBetween(9L, 11L);
    }
  }

  @Test
  void checksTheDiskOfAMissingFolder(@TempDir Path folder) {
    DiskReserve before = DiskReserve.current();
    DiskReserve.keep(1);
    try {
      assertThat(DiskReserve.current().room(folder.resolve("not/yet/there.jsonl"))).isPositive();
    } finally {
      DiskReserve.install(before);
    }
  }

  private static NoRoomException refusal(long bytes) {
    return catchThrowableOfType(
        NoRoomException.class, () -> DiskReserve.require(FILE, bytes, Use.NEW_FILE));
  }
}
