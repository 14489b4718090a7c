package io.caravan.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.job.CannotStartException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.springframework.core.env.Environment;

/** Calls to a running service, for commands that need its queues. */
final class ServiceCall {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final String address;
  private final String token;

  ServiceCall(Environment settings) {
    this.address =
        "http://%s:%s"
            .formatted(
                host(settings.getProperty("server.address", "127.0.0.1")),
                settings.getProperty("server.port", "8080"));
    this.token = settings.getProperty("caravan.operator.token", "").strip();
  }

  /** A name by which this machine reaches what listens at an address. */
  private static String host(String address) {
    try {
      InetAddress known = InetAddress.getByName(address);
      return known.isAnyLocalAddress()
          ? "127.0.0.1"
          : address.contains(":") ? "[" + address + "]" : address;
    } catch (UnknownHostException e) {
      return address;
    }
  }

  /**
   * Sends a call and reads its answer.
   *
   * @throws CannotStartException if there is no service, or it rejects the call
   */
  JsonNode send(String method, String path, String type, BodyPublisher body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(address + path))
            .timeout(LONGEST)
            .header("Content-Type", type)
            .method(method, body);
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      JsonNode answer = JSON.readTree(response.body());
      if (response.statusCode() / 100 != 2) {
        throw new CannotStartException(
            answer
                .path("detail")
                .asText("The service answered %d.".formatted(response.statusCode())),
            response.statusCode() == 401 || response.statusCode() == 403
                ? "Set CARAVAN_OPERATOR_TOKEN as for the service."
                : "");
      }
      return answer;
    } catch (ConnectException e) {
      throw new CannotStartException(
          "No service answers at %s.".formatted(address),
          "Start it with \"./caravan\", or set SERVER_PORT (and SERVER_ADDRESS) as for the service.");
    }
  }
}
