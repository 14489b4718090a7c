package io.caravan.routes.fake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 on a socket, one call per connection. The JDK's server can neither truncate an answer at
 * a given byte nor end an answer by closing the connection.
 */
public final class RawHttp implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ServerSocket server;
  private final Function<Call, Reply> api;

  public RawHttp(Function<Call, Reply> api) throws IOException {
    this(0, api);
  }

  /**
   * @param port 0 for any free one
   */
  RawHttp(int port, Function<Call, Reply> api) throws IOException {
    this.api = api;
    this.server = new ServerSocket(port, 200, InetAddress.getLoopbackAddress());
    threads.execute(this::listen);
  }

  public int port() {
    return server.getLocalPort();
  }

  private void listen() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        threads.execute(() -> serve(socket));
      } catch (IOException e) {
        // closed, or the client disconnected
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = new BufferedInputStream(socket.getInputStream());
      String request = line(in);
      if (!request.isEmpty()) {
        api.apply(call(request.split(" ", -1), in, socket.getOutputStream())).send(socket);
      }
    } catch (IOException e) {
      // the client was killed during the call
    }
  }

  private static Call call(String[] request, InputStream in, OutputStream out) throws IOException {
    var headers = new TreeMap<String, String>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String[] header = line.split(":", 2);
      headers.put(header[0].toLowerCase(Locale.ROOT), header[1].strip());
    }
    if (headers.containsKey("expect")) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
    }
    URI uri = URI.create(request[1]);
    return new Call(
        request[0],
        uri.getPath(),
        uri.getRawPath(),
        query(uri.getRawQuery()),
        headers,
        body(headers, in));
  }

  private static Map<String, String> query(@Nullable String query) {
    var parameters = new TreeMap<String, String>();
    for (String pair : (query == null ? "" : query).split("&", -1)) {
      String[] parameter = (pair + "=").split("=", -1);
      parameters.put(parameter[0], URLDecoder.decode(parameter[1], UTF_8));
    }
    return parameters;
  }

  private static byte[] body(Map<String, String> headers, InputStream in) throws IOException {
    if (!headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      return whole(in, length);
    }
    var body = new ByteArrayOutputStream();
    for (int length = -1; length != 0; ) {
      length = Integer.parseInt(line(in), 16);
      body.write(whole(in, length));
      line(in);
    }
    return body.toByteArray();
  }

  private static byte[] whole(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("the caller has gone");
    }
    return bytes;
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }

  /**
   * A request.
   *
   * @param rawPath the path before decoding, where an encoded slash is not a separator
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Call(
      String method,
      String path,
      String rawPath,
      Map<String, String> query,
      Map<String, String> headers,
      byte[] body) {

    /** The parts of a form by name; the file's name is under {@code filename}. */
    Map<String, byte[]> form() {
      String boundary = headers.getOrDefault("content-type", "").replaceFirst(".*boundary=", "");
      var parts = new TreeMap<String, byte[]>();
      String text = new String(body, ISO_8859_1);
      for (String part : text.split("(\r\n)?--" + Pattern.quote(boundary), -1)) {
        String[] headAndBody = part.split("\r\n\r\n", 2);
        if (headAndBody.length == 2) {
          String head = headAndBody[0];
          parts.put(attribute(head, " name"), headAndBody[1].getBytes(ISO_8859_1));
          if (head.contains("filename=")) {
            parts.put("filename", attribute(head, "filename").getBytes(UTF_8));
          }
        }
      }
      return parts;
    }

    private static String attribute(String head, String name) {
      return head.replaceFirst("(?s).*?" + name + "=\"([^\"]*)\".*", "$1");
    }
  }

  /** A response, of which only the first {@code sent} bytes of the body may be sent. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Reply(
      int status,
      Map<String, String> headers,
      byte[] body,
      boolean length,
      int sent,
      Duration pause) {
    Reply(int status, Map<String, String> headers, byte[] body, boolean length, int sent) {
      this(status, headers, body, length, sent, Duration.ZERO);
    }

    /** Sends one byte at a time, with pauses. */
    public Reply slowly(Duration wait) {
      return new Reply(status, headers, body, length, sent, wait);
    }

    /** No answer: the connection is reset. */
    static final Reply NONE = new Reply(0, Map.of(), new byte[0], false, 0);

    public static Reply of(int status, byte[] body) {
      return new Reply(status, Map.of(), body, true, body.length);
    }

    static Reply json(int status, String body) {
      return of(status, body.getBytes(UTF_8)).with("Content-Type", "application/json");
    }

    public Reply with(String header, String value) {
      var more = new TreeMap<>(headers);
      more.put(header, value);
      return new Reply(status, more, body, length, sent, pause);
    }

    /** Another answer to a call that was run. */
    Reply replacedBy(Reply other) {
      return other;
    }

    private void trickle(OutputStream out) throws IOException {
      for (int i = 0; i < Math.min(sent, body.length); i++) {
        out.write(body[i]);
        out.flush();
        LockSupport.parkNanos(pause.toNanos());
      }
    }

    private void send(Socket socket) throws IOException {
      if (status == 0) {
        socket.setSoLinger(true, 0); // a reset, as when a proxy crashes
        return;
      }
      var head = new StringBuilder("HTTP/1.1 " + status + " x\r\nConnection: close\r\n");
      headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
      if (length) {
        head.append("Content-Length: " + body.length + "\r\n");
      }
      OutputStream out = socket.getOutputStream();
      out.write((head + "\r\n").getBytes(ISO_8859_1));
      if (pause.isZero()) {
        out.write(body, 0, Math.min(sent, body.length));
      } else {
        trickle(out);
      }
      out.flush();
    }
  }
}
