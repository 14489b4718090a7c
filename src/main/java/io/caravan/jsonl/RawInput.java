package io.caravan.jsonl;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/** An input stream that hashes and counts the raw bytes of a file. */
public final class RawInput extends BufferedInputStream {
  private final Counted counted;

  public RawInput(InputStream in, MessageDigest digest) {
    this(new Counted(in), digest);
  }

  private RawInput(Counted counted, MessageDigest digest) {
    super(new DigestInputStream(counted, digest), 1 << 16);
    this.counted = counted;
  }

  public boolean startsLikeGzip() throws IOException {
    mark(2);
    int first = read();
    int second = read();
    reset();
    return first == 0x1f && second == 0x8b;
  }

  public long bytes() {
    return counted.bytes;
  }

  private static final class Counted extends FilterInputStream {
    private long bytes;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
      int read = super.read(buffer, from, length);
      bytes += Math.max(0, read);
      return read;
    }
  }
}
