package io.caravan.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Copies lines out of answer files, of which only the last used ones are held open. */
final class AnswerFiles implements Closeable {
  private static final int MAX_OPEN = 128;
  private static final int PIECE = 1 << 16;

  private final List<Path> files;
  private final Map<Integer, FileWindow> open = new LinkedHashMap<>(64, 0.75f, true);

  AnswerFiles(List<Path> files) {
    this.files = files;
  }

  byte[] read(int file, long offset, int length) throws IOException {
    byte[] line = new byte[length];
    for (int done = 0; done < length; ) {
      ByteBuffer piece = window(file).at(offset + done, Math.min(PIECE, length - done));
      int size = piece.remaining();
      piece.get(line, done, size);
      done += size;
    }
    return line;
  }

  void copy(int file, long offset, int length, WholeFile out) throws IOException {
    for (int done = 0; done < length; ) {
      ByteBuffer piece = window(file).at(offset + done, Math.min(PIECE, length - done));
      done += piece.remaining();
      out.write(piece);
    }
    out.write('\n');
  }

  @Override
  public void close() throws IOException {
    for (FileWindow window : open.values()) {
      window.close();
    }
  }

  private FileWindow window(int file) throws IOException {
    FileWindow window = open.get(file);
    if (window == null) {
      closeIdle();
      window = FileWindow.open(files.get(file));
      open.put(file, window);
    }
    return window;
  }

  private void closeIdle() throws IOException {
    if (open.size() == MAX_OPEN) {
      Iterator<FileWindow> idleFirst = open.values().iterator();
      idleFirst.next().close();
      idleFirst.remove();
    }
  }
}
