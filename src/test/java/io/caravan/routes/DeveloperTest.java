package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests Camel's console, route control and JMX on a separate port. */
@Tag("thorough")
class DeveloperTest {
  private static final String TOKEN = "0123456789abcdef";
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static TestCaravan caravan;
  private static String address;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    int port = TestCaravan.freePort();
    address = "http://127.0.0.1:%d/actuator".formatted(port);
    caravan =
        TestCaravan.in(folder)
            .with("management.server.port", port)
            .with("caravan.developer", true)
            .with("caravan.operator.token", TOKEN)
            .start();
  }

  @AfterAll
  static void stop() {
    caravan.close();
    HTTP.close();
  }

  @Test
  void showsStatisticsOfRoutes() throws Exception {
    caravan.drop("one.jsonl", Line.embedding("e", "Hello."));
    caravan.awaitReport("one");

    JsonNode routes = Outcome.parse(get("/camel/route").body()).at("/route/routes");

    assertThat(routes)
        .filteredOn(it -> it.path("routeId").asText().equals("default-inbox"))
        .singleElement()
        .satisfies(it -> assertThat(it.at("/statistics/exchangesTotal").asInt()).isEqualTo(1));
    assertThat(get("/camelroutes/default-inbox/detail").body()).contains("meanProcessingTime");
    assertThat(beans()).isNotZero();
  }

  @Test
  void stopsAndStartsRoute() throws Exception {
    assertThat(change("batches-inbox", "stop").statusCode()).isEqualTo(204);
    assertThat(status("batches-inbox")).isEqualTo("Stopped");

    assertThat(change("batches-inbox", "start").statusCode()).isEqualTo(204);
    assertThat(status("batches-inbox")).isEqualTo("Started");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/camel", "/camel/", "/camel;x=1/route", "/camelroutes", "//camelroutes/x/info"})
  void needsToken(String path) throws Exception {
    assertThat(send(request(path)).statusCode()).isEqualTo(401);
  }

  @Test
  void needsThisMachine() throws Exception {
    HttpResponse<String> forwarded =
        send(
            request("/camel")
                .header("Authorization", "Bearer " + TOKEN)
                .header("X-Forwarded-For", "203.0.113.7"));

    assertThat(forwarded.statusCode()).isEqualTo(403);
    assertThat(forwarded.body()).contains("only on the machine of the service");
  }

  /** The number of Camel's JMX beans. */
  static int beans() throws Exception {
    return ManagementFactory.getPlatformMBeanServer()
        .queryNames(new ObjectName("org.apache.camel:*"), null)
        .size();
  }

  private static String status(String route) throws Exception {
    return Outcome.parse(get("/camelroutes/%s/info".formatted(route)).body())
        .path("status")
        .asText();
  }

  private static HttpResponse<String> change(String route, String action) throws Exception {
    return send(
        request("/camelroutes/%s/%s".formatted(route, action))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.noBody()));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return send(request(path).header("Authorization", "Bearer " + TOKEN));
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(address + path));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }
}
