package io.caravan.routes.journey;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.TestCaravan;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests clients whose request body does not end. */
@ExtendWith(OutputCaptureExtension.class)
class SlowBodiesJourneyTest {

  private static TestCaravan caravan;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    caravan = TestCaravan.in(folder).with("caravan.web.body-grace", "1s").start();
  }

  @AfterAll
  static void stop() {
    caravan.close();
  }

  private static String head(String path, String type) {
    return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: 100000\r\n\r\n"
        .formatted(path, type);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/files, multipart/form-data; boundary=x, application/json",
    "/v1/embeddings, application/json, application/json",
    "/batch/queue, application/json, application/problem+json",
    "/batch/queue/bulk, application/json, application/problem+json",
    "/webhooks/openai, application/json, application/json",
  })
  void areAnsweredInJson(String path, String type, String answered, CapturedOutput output)
      throws IOException {
    try (var client =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(caravan.address()).getPort())) {
      client.getOutputStream().write(head(path, type).getBytes(UTF_8));

      assertThat(answer(client))
          .startsWith("HTTP/1.1 408")
          .containsIgnoringCase("Content-Type: " + answered)
          .contains("arrived too slowly");
    }
    assertThat(output.getAll()).doesNotContain(" ERROR ");
  }

  /** Sends a blank now and then until there is an answer. */
  private static String answer(Socket client) throws IOException {
    client.setSoTimeout(200);
    var answer = new ByteArrayOutputStream();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          try {
            answer.write(client.getInputStream().read());
            return true;
          } catch (SocketTimeoutException e) {
            client.getOutputStream().write(' ');
            return false;
          }
        });
    client.setSoTimeout(10_000);
    answer.write(client.getInputStream().readAllBytes());
    return answer.toString(UTF_8);
  }
}
