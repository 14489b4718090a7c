package io.caravan.server.store.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.springframework.dao.DataAccessException;

/** Reads bytes row by row; skipped rows are not loaded, and no connection is held between reads. */
final class ChunkedStream extends InputStream {
  private final Chunks chunks;
  private final String id;
  private final long end;
  private Chunks.Chunk chunk = new Chunks.Chunk(0, new byte[0]);
  private long position;

  ChunkedStream(Chunks chunks, String id, long end) {
    this.chunks = chunks;
    this.id = id;
    this.end = end;
  }

  @Override
  public int read() throws IOException {
    return fill() > 0 ? chunk.bytes()[offset(1)] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int start, int length) throws IOException {
    Objects.checkFromIndexSize(start, length, target.length);
    if (length == 0) {
      return 0;
    }
    int here = Math.min(length, fill());
    if (here == 0) {
      return -1;
    }
    System.arraycopy(chunk.bytes(), offset(here), target, start, here);
    return here;
  }

  @Override
  public long skip(long count) {
    long skipped = Math.clamp(count, 0, end - position);
    position += skipped;
    return skipped;
  }

  /** Returns the offset of the next bytes in this row, and advances the position past them. */
  private int offset(int count) {
    int offset = Math.toIntExact(position - chunk.position());
    position += count;
    return offset;
  }

  /** Loads the row at the position if needed; returns its remaining bytes, 0 at the end. */
  private int fill() throws IOException {
    if (position >= end) {
      return 0;
    }
    if (left() <= 0) {
      chunk = load();
    }
    return Math.toIntExact(left());
  }

  private Chunks.Chunk load() throws IOException {
    try {
      return chunks
          .at(id, position)
          .filter(found -> found.position() + found.bytes().length > position)
          .orElseThrow(() -> new IOException(id + " was deleted while it was read"));
    } catch (DataAccessException e) {
      throw new IOException(id + " could not be read from the database", e);
    }
  }

  private long left() {
    return chunk.position() + chunk.bytes().length - position;
  }
}
