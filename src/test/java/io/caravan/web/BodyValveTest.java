package io.caravan.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/** A web server that answers as the path says, behind the valve, and misbehaving clients. */
@Timeout(20)
class BodyValveTest {
  private static final BodyTime LIMIT =
      new BodyTime(Duration.ofMillis(300), DataSize.ofMegabytes(1), DataSize.ofMegabytes(50));
  private static final String ENDLESS = "1000000000000";

  private static final Tomcat tomcat = new Tomcat();
  private static final ScheduledExecutorService drips =
      Executors.newSingleThreadScheduledExecutor();

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getEngine().getPipeline().addValve(new BodyValve(LIMIT));
    var context = tomcat.addContext("", folder.toString());
    Tomcat.addServlet(context, "answers", new Answers());
    context.addServletMappingDecoded("/*", "answers");
    tomcat.start();
  }

  @AfterAll
  static void stop() throws Exception {
    drips.shutdownNow();
    tomcat.stop();
    tomcat.destroy();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 408, 415})
  void doesNotReadRefusedBodies(int status) throws Exception {
    try (Socket client = connect()) {
      send(client, "POST /" + status, "Content-Length: " + ENDLESS, "begins");

      assertThat(answer(client)).startsWith("HTTP/1.1 " + status).contains("Connection: close");
    }
  }

  @Test
  void letsClientsThatSendTooMuchReadTheError() throws Exception {
    try (Socket client = connect()) {
      send(client, "POST /413", "Content-Length: " + (20 << 20), "");
      client.getOutputStream().write(new byte[20 << 20]); // reads the response only afterwards

      assertThat(answer(client)).startsWith("HTTP/1.1 413").endsWith("said");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/read", "/413", "/200"})
  void abortsSlowBodies(String path) throws Exception {
    try (Socket client = connect()) {
      send(client, "POST " + path, "Content-Length: " + ENDLESS, "");
      var drip = drips.scheduleAtFixedRate(() -> write(client, "x"), 0, 20, TimeUnit.MILLISECONDS);

      String answer = answer(client);

      drip.cancel(true);
      assertThat(answer)
          .startsWith(path.equals("/read") ? "HTTP/1.1 400" : "HTTP/1.1 " + path.substring(1));
    }
  }

  @Test
  void timesEachBodySeparately() throws Exception {
    try (Socket client = connect()) {
      for (int i = 0; i < 3; i++) {
        send(client, "POST /read", "Content-Length: 4", "");
        var sent = drips.schedule(() -> write(client, "body"), 150, TimeUnit.MILLISECONDS);
        assertThat(new String(client.getInputStream().readNBytes(12), US_ASCII))
            .isEqualTo("HTTP/1.1 200");
        readTo(client, "said");
        sent.get();
      }
    }
  }

  @Test
  void keepsTheConnectionAfterAnUnusedBody() throws Exception {
    try (Socket client = connect()) {
      send(client, "POST /404", "Content-Length: 4", "body");
      readTo(client, "said");
      send(client, "GET /401", "X: x", "");
      readTo(client, "said");
      send(client, "GET /200", "Connection: close", "");
      assertThat(answer(client)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void givesMoreTimeToLargerBodies() {
    assertThat(LIMIT.nanos(0)).isEqualTo(Duration.ofMillis(300).toNanos());
    assertThat(LIMIT.nanos(10 << 20)).isEqualTo(Duration.ofMillis(10_300).toNanos());
    assertThat(LIMIT.nanos(1L << 40)).isEqualTo(Duration.ofMillis(50_300).toNanos());
  }

  private static Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), tomcat.getConnector().getLocalPort());
  }

  private static void send(Socket client, String request, String header, String body) {
    write(client, "%s HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n%s".formatted(request, header, body));
  }

  private static void write(Socket client, String text) {
    try {
      OutputStream out = client.getOutputStream();
      out.write(text.getBytes(US_ASCII));
      out.flush();
    } catch (IOException e) {
      // closed by the server
    }
  }

  /** Reads up to the end of the connection, or until it is reset. */
  private static String answer(Socket client) {
    var answer = new StringBuilder();
    try {
      int next = client.getInputStream().read();
      while (next >= 0) {
        answer.append((char) next);
        next = client.getInputStream().read();
      }
    } catch (IOException e) {
      // reset, as bytes were left unread
    }
    return answer.toString();
  }

  private static void readTo(Socket client, String end) throws IOException {
    var answer = new StringBuilder();
    while (answer.indexOf(end) < 0) {
      int next = client.getInputStream().read();
      assertThat(next).as(answer.toString()).isNotNegative();
      answer.append((char) next);
    }
  }

  private static final class Answers extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      if (request.getPathInfo().equals("/read")) {
        request.getInputStream().readAllBytes();
      } else {
        response.setStatus(Integer.parseInt(request.getPathInfo().substring(1)));
      }
      response.getOutputStream().print("said");
    }
  }
}
