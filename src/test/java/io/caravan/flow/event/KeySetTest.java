package io.caravan.flow.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.routes.fake.RawHttp;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Tests the limits of a call for keys. */
class KeySetTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static String fetch(Function<Call, Reply> api) throws IOException {
    try (var server = new RawHttp(api)) {
      return new KeySet(URI.create("http://127.0.0.1:%d/keys".formatted(server.port())), LIMIT)
          .fetch();
    }
  }

  @Test
  void reads() throws IOException {
    assertThat(fetch(call -> Reply.of(200, call.path().getBytes(UTF_8)))).isEqualTo("/keys");
  }

  @Test
  void rejectsErrorsAndRedirects() {
    assertThatThrownBy(() -> fetch(call -> Reply.of(500, new byte[0])))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("HTTP 500");
    assertThatThrownBy(() -> fetch(call -> Reply.of(302, new byte[0]).with("Location", "/other")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("HTTP 302");
  }

  @Test
  void rejectsHugeAnswer() {
    assertThatThrownBy(() -> fetch(call -> Reply.of(200, new byte[1 << 20])))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("larger than");
  }

  @Test
  void givesUpOnServerThatStallsInsideItsAnswer() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var url = URI.create("http://127.0.0.1:%d/".formatted(server.getLocalPort()));
      Thread stalls =
          Thread.ofVirtual()
              .start(() -> {
                try (Socket socket = server.accept()) {
                  socket
                      .getOutputStream()
                      .write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".getBytes(UTF_8));
                  assertThat(
                          socket
                              .getInputStream()
                              .transferTo(java.io.OutputStream.nullOutputStream()))
                      .isPositive();
                } catch (IOException e) {
                  // the client has left
                }
              });

      assertThatThrownBy(() -> new KeySet(url, Duration.ofMillis(300)).fetch())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no answer within");
      assertThat(stalls.join(LIMIT)).as("the connection is closed").isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
