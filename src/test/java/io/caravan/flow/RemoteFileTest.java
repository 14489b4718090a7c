package io.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.disk.FullDisk;
import io.caravan.disk.NoRoomException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoteFileTest {
  private static final int SIZE = 6_000_000;

  @TempDir private Path folder;

  @Test
  void startsNoDownloadLargerThanTheDiskSpace() throws IOException {
    InputStream unread = InputStream.nullInputStream();
    unread.close(); // a read would fail in another way
    try (FullDisk disk = FullDisk.of(1_000, 30)) {
      assertThatThrownBy(() -> file().store(unread, SIZE)).isInstanceOf(NoRoomException.class);
      assertThat(folder).isEmptyDirectory();

      disk.free(32);
      file().store(new ByteArrayInputStream(new byte[SIZE]), SIZE);
      assertThat(file().target()).hasSize(SIZE);
    }
  }

  @Test
  void stopsADownloadOfUnknownSizeBeforeTheDiskIsFull() throws IOException {
    try (FullDisk disk = FullDisk.of(1_000, 30)) {
      InputStream endless =
          new InputStream() {
            private int pieces;

            @Override
            public int read() {
              return 0;
            }

            @Override
            public int read(byte[] to, int from, int length) {
              if (++pieces == 1_000) {
                disk.free(25);
              }
              return length;
            }
          };
      assertThatThrownBy(() -> file().store(endless, -1)).isInstanceOf(NoRoomException.class);
      assertThat(folder).isEmptyDirectory();
    }
  }

  private RemoteFile file() {
    return new RemoteFile("file-1", folder.resolve("part-1.output.jsonl"));
  }
}
