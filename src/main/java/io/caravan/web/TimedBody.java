package io.caravan.web;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Request;
import org.apache.tomcat.util.net.ApplicationBufferHandler;

/** The request bodies of a connection, with a time limit for each. */
final class TimedBody implements InputBuffer {
  private final InputBuffer connection;
  private final BodyTime limit;
  private long bytes;
  private long nanos;

  private TimedBody(InputBuffer connection, BodyTime limit) {
    this.connection = connection;
    this.limit = limit;
  }

  /** Sets the limit for the body of this request, before anything reads it. */
  static void limit(Request request, BodyTime limit) {
    TimedBody body =
        request.getInputBuffer() instanceof TimedBody earlier
            ? earlier
            : new TimedBody(request.getInputBuffer(), limit);
    body.bytes = 0;
    body.nanos = 0;
    request.setInputBuffer(body);
  }

  /** Reads and discards the rest of the body. */
  static void drain(Request request) throws IOException {
    var rest = new Rest();
    int read = 0;
    while (read >= 0) {
      read = request.doRead(rest);
    }
  }

  @Override
  public int doRead(ApplicationBufferHandler handler) throws IOException {
    long start = System.nanoTime();
    int read = connection.doRead(handler);
    nanos += System.nanoTime() - start; // only the time spent waiting for the client
    bytes += Math.max(read, 0);
    if (read >= 0 && nanos > limit.nanos(bytes)) {
      throw new SocketTimeoutException("The body arrived too slowly.");
    }
    return read;
  }

  @Override
  public int available() {
    return connection.available();
  }

  private static final class Rest implements ApplicationBufferHandler {
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    @Override
    public void setByteBuffer(ByteBuffer next) {
      buffer = next;
    }

    @Override
    public ByteBuffer getByteBuffer() {
      return buffer;
    }

    @Override
    public void expand(int size) {}
  }
}
