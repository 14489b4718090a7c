package io.caravan.server.api;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A request body with a size limit for each piece and one for the whole. */
final class BodyInput extends FilterInputStream {
  private final int maxPiece;
  private final long max;
  private long read;
  private long allowed;

  BodyInput(InputStream in, int maxPiece, long max) {
    super(in);
    this.maxPiece = maxPiece;
    this.max = max;
    nextPiece();
  }

  /** Starts the next piece. Bytes read ahead do not count for it, so it may be slightly longer. */
  void nextPiece() {
    allowed = Math.min(max, read + maxPiece);
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    count(next < 0 ? 0 : 1);
    return next;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int got = super.read(bytes, offset, length);
    count(Math.max(got, 0));
    return got;
  }

  private void count(int bytes) {
    read += bytes;
    if (read > allowed) {
      throw JsonBody.tooLarge(
          allowed < max
              ? "A request in the body, or the rest of the body, has more than the %d bytes that this server takes."
                  .formatted(maxPiece)
              : "The body has more than the %d bytes that this server takes.".formatted(max));
    }
  }
}
