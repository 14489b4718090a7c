package io.caravan.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A strict gzip decoder: reads all members, verifies their checksums, allows only trailing zeros.
 *
 * <p>The JDK's stream recurses for each empty member and drops members that arrive late.
 */
public final class Gunzip implements Closeable {
  /** The content is invalid; an {@link IOException} means that its source failed. */
  public static final class Broken extends Exception {
    public final boolean cutOff;

    Broken(boolean cutOff) {
      super(cutOff ? "the content ends too early" : "the content is not valid gzip");
      this.cutOff = cutOff;
    }
  }

  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int HEADER_CHECK = 2;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 check = new CRC32();
  private final byte[] buffer = new byte[1 << 16];
  private int next;
  private int end;
  private boolean inMember;
  private boolean hadMember;

  public Gunzip(InputStream in) {
    this.in = in;
  }

  /** Reads decompressed bytes; 0 if the input so far yielded none, -1 at the end. */
  public int read(byte[] plain) throws IOException, Broken {
    if (!inMember && !beginMember()) {
      return -1;
    }
    try {
      int read = inflater.inflate(plain);
      check.update(plain, 0, read);
      if (read == 0) {
        goOn();
      }
      return read;
    } catch (DataFormatException e) {
      throw new Broken(false);
    }
  }

  @Override
  public void close() {
    inflater.end();
  }

  private void goOn() throws IOException, Broken {
    if (inflater.finished()) {
      endMember();
    } else if (inflater.needsDictionary()) {
      throw new Broken(false);
    } else if (inflater.needsInput()) {
      need();
      inflater.setInput(buffer, next, end - next);
      next = end;
    }
  }

  private boolean beginMember() throws IOException, Broken {
    if (hadMember) {
      skipZeros();
      if (next == end) {
        return false;
      }
    }
    demand(one() == 0x1f && one() == 0x8b && one() == 8);
    int flags = one();
    skip(6); // time, level, operating system
    if ((flags & EXTRA) != 0) {
      skip(one() | one() << 8);
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & HEADER_CHECK) != 0) {
      skip(2);
    }
    inMember = true;
    hadMember = true;
    return true;
  }

  private void endMember() throws IOException, Broken {
    next = end - inflater.getRemaining();
    demand(four() == (int) check.getValue());
    demand(four() == (int) inflater.getBytesWritten());
    inflater.reset();
    check.reset();
    inMember = false;
  }

  private void skipZeros() throws IOException {
    while (next < end || fill()) {
      if (buffer[next] != 0) {
        return;
      }
      next++;
    }
  }

  private void skipText() throws IOException, Broken {
    while (one() != 0) {}
  }

  private void skip(int bytes) throws IOException, Broken {
    for (int i = 0; i < bytes; i++) {
      one();
    }
  }

  private int four() throws IOException, Broken {
    return one() | one() << 8 | one() << 16 | one() << 24;
  }

  private int one() throws IOException, Broken {
    need();
    return buffer[next++] & 0xff;
  }

  private void need() throws IOException, Broken {
    if (next == end && !fill()) {
      throw new Broken(true);
    }
  }

  private boolean fill() throws IOException {
    next = 0;
    end = Math.max(0, in.read(buffer));
    return end > 0;
  }

  private static void demand(boolean holds) throws Broken {
    if (!holds) {
      throw new Broken(false);
    }
  }
}
