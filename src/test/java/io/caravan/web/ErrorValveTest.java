package io.caravan.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ErrorReportValve;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A web server without servlets behind the valve, and calls with an invalid URL. */
class ErrorValveTest {
  private static final String INVALID = "..%5c..%5cbatch.json";

  private static final Tomcat tomcat = new Tomcat();
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.addContext("", folder.toString());
    tomcat.getHost().getPipeline().addValve(new ErrorReportValve()); // as Spring Boot does
    tomcat.getHost().getPipeline().addValve(new ErrorValve());
    tomcat.start();
  }

  @AfterAll
  static void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }

  private HttpResponse<String> get(String path) throws Exception {
    URI uri =
        URI.create("http://127.0.0.1:%d%s".formatted(tomcat.getConnector().getLocalPort(), path));
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  @Test
  void answersAsTheServerOfOpenAi() throws Exception {
    HttpResponse<String> answer = get("/v1/files/" + INVALID);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/json");
    assertThat(new JsonMapper().readTree(answer.body()).at("/error/type").asText())
        .isEqualTo("invalid_request_error");
  }

  @Test
  void answersWithAProblemBelowBatch() throws Exception {
    HttpResponse<String> answer = get("/batch/requests/" + INVALID);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    assertThat(new JsonMapper().readTree(answer.body()).path("code").asText())
        .isEqualTo("invalid_request");
  }

  @Test
  void leavesPagesToTomcat() throws Exception {
    HttpResponse<String> answer = get("/page/" + INVALID);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
    assertThat(answer.body()).doesNotContain("Apache Tomcat", "Invalid URI");
  }
}
