package io.caravan.flow.call;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.flow.FlowProperties;
import io.caravan.job.SqliteStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class ProviderCallsTest {
  /** A lost connection is not a time-out: several of these would pause the provider. */
  @Test
  void tellsALostConnectionFromATimeout(@TempDir Path folder) throws Exception {
    try (var sqlite = SqliteStore.in(folder);
        var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var calls =
          new ProviderCalls(
              sqlite.processes().replica(),
              Clock.systemUTC(),
              new FlowProperties.ProviderCall(
                  Duration.ofMinutes(1), Duration.ofHours(1), DataSize.ofMegabytes(1)));
      var builder = HttpClientBuilder.create();
      calls.configureHttpClient(builder);
      var unused = CompletableFuture.runAsync(() -> answerPartly(server));
      try (var client = builder.build()) {
        assertThatThrownBy(() ->
                client.execute(
                    new HttpGet("http://127.0.0.1:" + server.getLocalPort() + "/content"),
                    response -> response.getEntity().getContent().readAllBytes()))
            .isInstanceOf(IOException.class)
            .isNotInstanceOf(CallTimeoutException.class);
      } finally {
        calls.destroy();
      }
    }
  }

  private static void answerPartly(ServerSocket server) {
    try (Socket socket = server.accept()) {
      socket.getInputStream().read();
      socket
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart".getBytes(US_ASCII));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
