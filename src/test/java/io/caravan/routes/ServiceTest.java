package io.caravan.routes;

import static io.caravan.routes.fake.FakeOpenAi.BATCH;
import static io.caravan.routes.fake.FakeOpenAi.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.client.WireMock;
import io.caravan.routes.fake.FakeOpenAi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Tests health, metrics and ports while a batch is in flight. */
@TestMethodOrder(OrderAnnotation.class)
class ServiceTest {
  private static final HttpClient http = HttpClient.newHttpClient();
  private static FakeOpenAi openai;
  private static TestCaravan caravan;
  private static int managementPort;

  @BeforeAll
  static void startWithABatchThatWaits(@TempDir Path folder) throws IOException {
    openai = new FakeOpenAi();
    openai.saysOfTheBatch(batch("in_progress"));
    managementPort = TestCaravan.freePort();
    caravan =
        TestCaravan.in(folder)
            .with("management.server.port", managementPort)
            .with("caravan.provider", "openai")
            .with("caravan.providers.openai.base-url", openai.baseUrl())
            .with("caravan.poll.answers-grace", "300ms")
            .start();
    caravan.drop("waiting.jsonl", Line.chats("waiting", 2));
    openai.awaitCall("GET", BATCH);
  }

  @AfterAll
  static void stop() {
    caravan.close();
    http.close();
    openai.close();
  }

  @Test
  @Order(1)
  void servesHealthAndMetrics() throws Exception {
    JsonNode health = Outcome.parse(ask("/actuator/health").body());
    assertThat(health.path("status").asText()).isEqualTo("UP");
    assertThat(health.at("/components/store/details/in_progress").asInt()).isEqualTo(1);
    assertThat(health.at("/components/workspace/status").asText()).isEqualTo("UP");
    assertThat(health.at("/components/provider/details/openai").asText()).startsWith("answered");
    assertThat(ask("/actuator/health/liveness").statusCode()).isEqualTo(200);
    assertThat(ask("/actuator/health/readiness").statusCode()).isEqualTo(200);

    assertThat(ask("/actuator/prometheus").body())
        .contains("caravan_jobs{status=\"in_progress\"} 1.0")
        .contains("caravan_parts{status=\"submitted\"} 1.0")
        .containsPattern("camel_exchanges_total\\{.*routeId=\"batch-status\"");

    openai.saysOfTheBatch(batch("completed").withOutput());
    openai.hasOutput(FakeOpenAi.answered("r-1"));
    caravan.awaitReport("waiting").counts(2, 1, 1);

    assertThat(ask("/actuator/prometheus").body())
        .contains("caravan_jobs{status=\"delivered\"} 1.0")
        .containsPattern("caravan_requests_total\\{outcome=\"result\".*} 1.0")
        .containsPattern("caravan_requests_total\\{outcome=\"error\".*} 1.0");
  }

  @Test
  @Order(2)
  void staysAliveWhileTheProviderIsDown() throws Exception {
    openai.saysOfTheBatch(batch("in_progress"));
    caravan.drop("down.jsonl", Line.chats("down", 1));
    openai.says(WireMock.get(BATCH), WireMock.aResponse().withStatus(503).withBody("Down."));

    await()
        .untilAsserted(() ->
            assertThat(
                    Outcome.parse(ask("/actuator/health").body())
                        .at("/components/provider/details/openai")
                        .asText())
                .startsWith("HTTP 503: Down."));
    assertThat(ask("/actuator/health/liveness").statusCode()).isEqualTo(200);
    assertThat(ask("/actuator/health/readiness").statusCode()).isEqualTo(200);
  }

  /** Details show paths and errors; probes need only statuses. */
  @Test
  @Order(3)
  void showsHealthDetailsOnlyToThisMachine() throws Exception {
    JsonNode elsewhere =
        Outcome.parse(
            http.send(
                    request(managementAddress(), "/actuator/health")
                        .header("X-Forwarded-For", "203.0.113.7")
                        .build(),
                    BodyHandlers.ofString())
                .body());

    assertThat(elsewhere.path("status").asText()).isNotEmpty();
    assertThat(elsewhere.at("/components/store/status").asText()).isEqualTo("UP");
    assertThat(elsewhere.findValues("details")).isEmpty();
    assertThat(ask("/actuator/health").body()).contains("details");
  }

  @Test
  @Order(3)
  void guardsTheManagementPort() throws Exception {
    assertThat(healthCalledAs("rebound.example"))
        .startsWith("HTTP/1.1 403")
        .contains("host_not_allowed");
    assertThat(ask(caravan.address(), "/actuator/health").statusCode()).isEqualTo(404);
  }

  @Test
  @Order(3)
  void hasNoConsoleByDefault() throws Exception {
    for (String path :
        List.of("/actuator/camel", "/actuator/camel/route", "/actuator/camelroutes")) {
      assertThat(ask(path).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(DeveloperTest.beans()).isZero();
  }

  @Test
  @Order(4)
  void stopsQuicklyWhileABatchIsInFlight() {
    long start = System.nanoTime();

    caravan.stop();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  @Order(3)
  @EnabledOnOs(OS.LINUX)
  void listensOnlyOnTheLoopbackAddress() throws IOException {
    assertThat(listeningAddresses())
        .isNotEmpty()
        .isSubsetOf(
            "0100007F", // 127.0.0.1 as the kernel writes it
            "0000000000000000FFFF00000100007F",
            "00000000000000000000000001000000");
  }

  private static Set<String> listeningAddresses() throws IOException {
    Set<String> ours = ourSockets();
    var addresses = new HashSet<String>();
    for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
      try (Stream<String> lines = Files.lines(Path.of(table))) {
        lines
            .map(line -> List.of(line.strip().split("\\s+")))
            .filter(columns -> columns.get(3).equals("0A")) // listening
            .filter(columns -> ours.contains("socket:[" + columns.get(9) + "]"))
            .forEach(columns -> addresses.add(columns.get(1).replaceFirst(":.*", "")));
      }
    }
    return addresses;
  }

  private static Set<String> ourSockets() throws IOException {
    var sockets = new HashSet<String>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        if (Files.isSymbolicLink(descriptor)) {
          sockets.add(Files.readSymbolicLink(descriptor).toString());
        }
      }
    }
    return sockets;
  }

  private static String healthCalledAs(String host) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), managementPort)) {
      socket
          .getOutputStream()
          .write(
              "GET /actuator/health HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                  .formatted(host)
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private HttpResponse<String> ask(String path) throws IOException, InterruptedException {
    return ask(managementAddress(), path);
  }

  private HttpResponse<String> ask(String address, String path)
      throws IOException, InterruptedException {
    return http.send(request(address, path).build(), BodyHandlers.ofString());
  }

  private static String managementAddress() {
    return "http://127.0.0.1:" + managementPort;
  }

  private static HttpRequest.Builder request(String address, String path) {
    return HttpRequest.newBuilder(URI.create(address + path)).timeout(Duration.ofSeconds(10));
  }
}
