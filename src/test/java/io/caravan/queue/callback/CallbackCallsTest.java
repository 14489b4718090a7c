package io.caravan.queue.callback;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls to receivers that are slow, endless or elsewhere. */
class CallbackCallsTest {
  private static final Duration LIMIT = Duration.ofMillis(700);

  /** Long enough for a loaded machine, and far below what the receivers here would take. */
  private static final Duration SOON = Duration.ofSeconds(20);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Socket> connections = new CopyOnWriteArrayList<>();
  private final CallbackCalls calls =
      new CallbackCalls(CallbackHostsTest.hosts("127.0.0.1"), LIMIT);
  private ServerSocket server;
  private volatile Receiver receiver = (in, out) -> {};

  /** What a receiver does with each connection. */
  private interface Receiver {
    void serve(InputStream in, OutputStream out) throws IOException;
  }

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(() -> {
      while (!server.isClosed()) {
        try {
          Socket connection = server.accept();
          connections.add(connection);
          threads.execute(() -> serve(connection));
        } catch (IOException e) {
          // closed
        }
      }
    });
  }

  private void serve(Socket connection) {
    try (connection) {
      receiver.serve(connection.getInputStream(), connection.getOutputStream());
    } catch (IOException e) {
      // the caller has gone
    }
  }

  @AfterEach
  void close() throws IOException {
    calls.destroy();
    server.close();
    threads.shutdownNow();
  }

  private static void answer(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(US_ASCII));
    out.flush();
  }

  /** Reads a request with the body "hello". */
  private static boolean request(InputStream in) throws IOException {
    var read = new StringBuilder();
    int next = in.read();
    while (next >= 0) {
      read.append((char) next);
      if (read.indexOf("\r\n\r\nhello") >= 0) {
        return true;
      }
      next = in.read();
    }
    return false;
  }

  private int post(String url) throws IOException {
    HttpClientBuilder builder = HttpClientBuilder.create();
    calls.configureHttpClient(builder);
    var post = new HttpPost(url);
    post.setEntity(new StringEntity("hello"));
    try (CloseableHttpClient client = builder.build()) {
      return client.execute(post, ClassicHttpResponse::getCode);
    }
  }

  private int post() throws IOException {
    return post("http://127.0.0.1:%d/hook".formatted(server.getLocalPort()));
  }

  private void failsInTime() {
    Instant begin = Instant.now();
    assertThatThrownBy(this::post).hasMessageContaining("no answer within 0 s");
    assertThat(Duration.between(begin, Instant.now())).isLessThan(SOON);
  }

  @Test
  void usesConnectionAgain() throws IOException {
    receiver =
        (in, out) -> {
          while (request(in)) {
            answer(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          }
        };

    assertThat(post()).isEqualTo(200);
    assertThat(post()).isEqualTo(200);
    assertThat(connections).hasSize(1);
  }

  @Test
  void abortsReceiverThatDoesNotAnswer() {
    receiver = (in, out) -> in.transferTo(OutputStream.nullOutputStream());

    failsInTime();
  }

  @Test
  void abortsReceiverThatSendsHeadersByteByByte() {
    receiver =
        (in, out) -> {
          request(in);
          answer(out, "HTTP/1.1 200 OK\r\nX: ");
          while (true) {
            answer(out, "x");
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
          }
        };

    failsInTime();
  }

  @Test
  void abortsHandshakeThatDoesNotEnd() {
    receiver =
        (in, out) -> {
          answer(out, "\u0016\u0003\u0003\u007f\u007f"); // a TLS record of 32,639 bytes
          while (true) {
            answer(out, "x");
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
          }
        };
    Instant begin = Instant.now();

    assertThatThrownBy(() -> post("https://127.0.0.1:%d/".formatted(server.getLocalPort())))
        .isInstanceOf(IOException.class);

    assertThat(Duration.between(begin, Instant.now())).isLessThan(SOON);
  }

  @Test
  void rejectsAnswerWithEndlessHeaders() {
    receiver =
        (in, out) -> {
          request(in);
          answer(out, "HTTP/1.1 200 OK\r\n");
          while (true) {
            answer(out, "X: x\r\n");
          }
        };

    assertThatThrownBy(this::post).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 99999999\r\n\r\n",
        "Connection: close\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffff\r\n"
      })
  void leavesEndlessBodyAlone(String headers) throws IOException {
    receiver =
        (in, out) -> {
          request(in);
          answer(out, "HTTP/1.1 200 OK\r\n" + headers);
          while (true) {
            answer(out, "x".repeat(1000));
          }
        };

    assertThat(post()).isEqualTo(200);
  }

  @Test
  void leavesSlowBodyAlone() throws IOException {
    receiver =
        (in, out) -> {
          request(in);
          answer(out, "HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\n1");
          in.read();
        };

    assertThat(post()).isEqualTo(503);
  }

  @Test
  void followsNoRedirect() throws IOException {
    receiver =
        (in, out) -> {
          request(in);
          answer(
              out,
              "HTTP/1.1 307 Elsewhere\r\nLocation: /other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        };

    assertThat(post()).isEqualTo(307);
    assertThat(connections).hasSize(1);
  }

  @Test
  void requiresValidCertificate() {
    receiver = (in, out) -> answer(out, "HTTP/1.1 400 plain\r\n\r\n");

    assertThatThrownBy(() -> post("https://127.0.0.1:%d/".formatted(server.getLocalPort())))
        .isInstanceOf(SSLException.class);
  }

  /** The name leads to the address that is listed, but is not listed itself. */
  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.2", "127.1", "[::ffff:127.0.0.2]", "0.0.0.0"})
  void connectsToPermittedHostsOnly(String host) {
    assertThatThrownBy(() -> post("http://%s:%d/".formatted(host, server.getLocalPort())))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContaining("has no public address");
    assertThat(connections).isEmpty();
  }
}
