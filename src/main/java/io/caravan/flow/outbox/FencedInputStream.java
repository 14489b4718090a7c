package io.caravan.flow.outbox;

import io.caravan.lease.Replica;
import io.caravan.lease.StaleRowException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The body for outbound routes. It fails, and never ends normally, once another replica owns the
 * job.
 */
final class FencedInputStream extends FilterInputStream {
  private final Replica replica;
  private final @Nullable String owner;

  FencedInputStream(InputStream in, Replica replica, @Nullable String owner) {
    super(in);
    this.replica = replica;
    this.owner = owner;
  }

  @Override
  public int read() throws IOException {
    int read = super.read();
    check();
    return read;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    int read = super.read(bytes, from, length);
    check();
    return read;
  }

  private void check() throws IOException {
    try {
      replica.check(owner);
    } catch (StaleRowException e) {
      throw new IOException(e);
    }
  }
}
