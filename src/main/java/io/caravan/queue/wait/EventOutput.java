package io.caravan.queue.wait;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.web.ClientConnection;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream of Server-Sent Events that is written without blocking, as fast as its client reads. At
 * most {@value #MOST} bytes wait to be written.
 */
public final class EventOutput implements WriteListener, AsyncListener {
  static final int MOST = 64 * 1024;

  private static final byte[] COMMENT = ":\n\n".getBytes(UTF_8);
  private static final long SILENCE = TimeUnit.SECONDS.toNanos(15);

  private final ClientConnection connection;
  private final AsyncContext context;
  private final ServletOutputStream out;
  private final Deque<byte[]> pending = new ArrayDeque<>();
  private int pendingBytes;
  private long writtenAt = System.nanoTime();
  private boolean started;
  private boolean unflushed;
  private boolean ending;
  private boolean closed;
  private @Nullable Runnable whenWritten;

  private EventOutput(ClientConnection connection, AsyncContext context, ServletOutputStream out) {
    this.connection = connection;
    this.context = context;
    this.out = out;
  }

  /** Begins the answer to a call whose body has been read. */
  static EventOutput open(HttpServletRequest call, HttpServletResponse response)
      throws IOException {
    response.setStatus(200);
    response.setContentType("text/event-stream");
    response.setHeader("Cache-Control", "no-cache, no-store");
    response.setHeader("X-Accel-Buffering", "no");
    ServletOutputStream out = response.getOutputStream();
    AsyncContext context = call.startAsync();
    context.setTimeout(0);
    var output = new EventOutput(ClientConnection.of(call), context, out);
    context.addListener(output);
    out.setWriteListener(output);
    return output;
  }

  /** The text of an event. */
  public static byte[] event(@Nullable String id, @Nullable String name, String data) {
    var text = new StringBuilder(data.length() + 100);
    if (id != null) {
      text.append("id: ").append(id).append('\n');
    }
    if (name != null) {
      text.append("event: ").append(name).append('\n');
    }
    return text.append("data: ").append(data).append("\n\n").toString().getBytes(UTF_8);
  }

  /** Whether the client still reads. */
  public synchronized boolean isOpen() {
    return !closed && !ending && connection.isOpen();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Sends text; false if too much waits already. */
  public synchronized boolean send(byte[] text) {
    if (pendingBytes > 0 && pendingBytes + text.length > MOST) {
      return false;
    }
    add(text);
    write();
    return true;
  }

  /** Sends the last text, whatever its size. */
  public synchronized void end(byte[] text) {
    if (!ending) {
      add(text);
      ending = true;
      write();
    }
  }

  private void add(byte[] text) {
    if (!ending && !closed) {
      pending.add(text);
      pendingBytes += text.length;
    }
  }

  /** Calls back once nothing waits to be written; the callback must not block. */
  synchronized void whenWritten(Runnable next) {
    whenWritten = next;
    write();
  }

  /**
   * Sends a comment if nothing was sent for a while, so that proxies and clients keep the
   * connection.
   */
  synchronized void beat() {
    if (started && !closed && pending.isEmpty() && System.nanoTime() - writtenAt > SILENCE) {
      if (connection.isOpen()) {
        add(COMMENT);
        write();
      } else {
        close();
      }
    }
  }

  private void write() {
    try {
      while (started && !closed && (!pending.isEmpty() || unflushed || ending) && out.isReady()) {
        writeNext();
      }
    } catch (IOException | IllegalStateException e) {
      close();
    }
    Runnable next = whenWritten;
    if (next != null && !closed && started && pending.isEmpty() && !unflushed) {
      whenWritten = null;
      next.run();
    }
  }

  private void writeNext() throws IOException {
    byte[] next = pending.poll();
    if (next != null) {
      pendingBytes -= next.length;
      writtenAt = System.nanoTime();
      unflushed = true;
      out.write(next);
    } else if (unflushed) {
      unflushed = false;
      out.flush();
    } else {
      close();
    }
  }

  private void close() {
    if (!closed) {
      closed = true;
      pending.clear();
      try {
        context.complete();
      } catch (IllegalStateException e) {
        // the web server has completed it after a failure
      }
    }
  }

  @Override
  public synchronized void onWritePossible() {
    started = true;
    write();
  }

  @Override
  public synchronized void onError(Throwable failure) {
    close();
  }

  @Override
  public synchronized void onComplete(AsyncEvent event) {
    closed = true;
  }

  @Override
  public synchronized void onTimeout(AsyncEvent event) {
    close();
  }

  @Override
  public synchronized void onError(AsyncEvent event) {
    close();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // nothing changes
  }
}
