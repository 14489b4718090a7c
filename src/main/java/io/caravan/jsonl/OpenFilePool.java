package io.caravan.jsonl;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Copies lines from many files; keeps only the most recently used files open. */
public final class OpenFilePool implements Closeable {
  private static final int MAX_OPEN = 128;
  private static final int PIECE = 1 << 16;

  private final List<Path> files;
  private final Map<Integer, FileWindow> open = new LinkedHashMap<>(64, 0.75f, true);

  public OpenFilePool(List<Path> files) {
    this.files = files;
  }

  public byte[] read(int file, long offset, int length) throws IOException {
    byte[] line = new byte[length];
    for (int done = 0; done < length; ) {
      ByteBuffer piece = piece(file, offset + done, length - done);
      int size = piece.remaining();
      piece.get(line, done, size);
      done += size;
    }
    return line;
  }

  public void copy(int file, long offset, int length, WholeFile out) throws IOException {
    copyBytes(file, offset, length, out);
    out.write('\n');
  }

  /** Copies a line with a JSON object and appends a member to the object. */
  public void copy(int file, long offset, int length, String member, WholeFile out)
      throws IOException {
    int brace = lastBrace(file, offset, length);
    copyBytes(file, offset, brace, out);
    out.write(("," + member).getBytes(StandardCharsets.UTF_8));
    copyBytes(file, offset + brace, length - brace, out);
    out.write('\n');
  }

  @Override
  public void close() throws IOException {
    for (FileWindow window : open.values()) {
      window.close();
    }
  }

  private int lastBrace(int file, long offset, int length) throws IOException {
    piece(file, offset, length); // fills the window, so that most lines are read once
    int at = length - 1;
    while (piece(file, offset + at, 1).get() != '}') {
      at--;
    }
    return at;
  }

  private void copyBytes(int file, long offset, int length, WholeFile out) throws IOException {
    for (int done = 0; done < length; ) {
      ByteBuffer piece = piece(file, offset + done, length - done);
      done += piece.remaining();
      out.write(piece);
    }
  }

  private ByteBuffer piece(int file, long offset, int length) throws IOException {
    ByteBuffer piece = window(file).at(offset, Math.min(PIECE, length));
    if (!piece.hasRemaining()) {
      throw new EOFException(files.get(file) + " has become shorter than it was.");
    }
    return piece;
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
