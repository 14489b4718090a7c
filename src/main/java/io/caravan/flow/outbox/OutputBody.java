package io.caravan.flow.outbox;

import io.caravan.flow.CloseAfterExchange;
import io.caravan.lease.Replica;
import io.caravan.lease.StaleRowException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.jspecify.annotations.Nullable;

/**
 * The body for outbound routes: a stream that each step can read from its start, without a copy in
 * memory. It fails, and never ends normally, once another replica owns the job.
 */
final class OutputBody extends FilterInputStream implements StreamCache {
  private final Output output;
  private final long length;
  private final Replica replica;
  private final @Nullable String owner;
  private boolean begun;

  /** Opens the bytes of an output. */
  @FunctionalInterface
  interface Output {
    InputStream open() throws IOException;
  }

  private OutputBody(Output output, long length, Replica replica, @Nullable String owner)
      throws IOException {
    super(output.open());
    this.output = output;
    this.length = length;
    this.replica = replica;
    this.owner = owner;
  }

  /** Opens an output until the exchange is done. */
  static OutputBody open(
      Output output, long length, Replica replica, @Nullable String owner, Exchange exchange)
      throws IOException {
    var body = new OutputBody(output, length, replica, owner);
    exchange.getExchangeExtension().addOnCompletion(new CloseAfterExchange(body));
    return body;
  }

  @Override
  public int read() throws IOException {
    begun = true;
    int read = super.read();
    check();
    return read;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    begun = true;
    int read = super.read(bytes, from, length);
    check();
    return read;
  }

  /** Goes back to the start; Camel calls it before and after each step. */
  @Override
  public void reset() {
    if (!begun) {
      return;
    }
    try {
      close();
      in = output.open();
      begun = false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    begun = true;
    super.close();
  }

  /** A second stream, for steps that run at the same time. */
  @Override
  public StreamCache copy(Exchange exchange) throws IOException {
    return open(output, length, replica, owner, exchange);
  }

  @Override
  public void writeTo(OutputStream target) throws IOException {
    transferTo(target);
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  @Override
  public boolean inMemory() {
    return false;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public long position() {
    return -1;
  }

  private void check() throws IOException {
    try {
      replica.check(owner);
    } catch (StaleRowException e) {
      throw new IOException(e);
    }
  }
}
