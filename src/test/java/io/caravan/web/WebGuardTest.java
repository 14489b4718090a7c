package io.caravan.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;

class WebGuardTest {
  private static final int PASSED = 200;
  private static final String TOOLS = "https://tools.example.org";
  private static final WebProperties SETTINGS =
      new WebProperties(
          Set.of("caravan.test"), Set.of(TOOLS), Duration.ofSeconds(30), DataSize.ofKilobytes(32));

  private final WebGuard limited = new WebGuard(true, SETTINGS);
  private final WebGuard open = new WebGuard(false, SETTINGS);
  private MockHttpServletResponse response = new MockHttpServletResponse();

  @ParameterizedTest
  @CsvSource({
    "localhost:8080, 200",
    "LOCALHOST, 200",
    "127.0.0.1:8080, 200",
    "[::1]:8080, 200",
    "caravan.test:1, 200",
    "evil.example, 403",
    "evil.example:8080, 403",
    "127.0.0.1.evil.example, 403",
    "localhost.evil.example:8080, 403",
    "10.1.2.3:8080, 403",
    ", 403",
  })
  void acceptsOnlyNamesOfThisMachineWithoutKeys(@Nullable String host, int status)
      throws Exception {
    assertThat(status(limited, request("GET", "/v1/files", host))).isEqualTo(status);
    assertThat(status(limited, request("GET", "/actuator/health", host))).isEqualTo(status);
    assertThat(status(open, request("GET", "/v1/files", host))).isEqualTo(PASSED);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /webhooks/openai, 200",
    "POST, /webhooks/gemini, 200",
    "GET, /webhooks/openai, 403",
    "POST, /webhooks/other, 403",
    "POST, /webhooks/openai/x, 403",
    "POST, /webhooks/openai;x=/v1/files, 403",
    "POST, /webhooks/../v1/files, 403",
  })
  void leavesEventsOfProvidersToTheirSignature(String method, String path, int status)
      throws Exception {
    assertThat(status(limited, request(method, path, "caravan.example.org"))).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://evil.example", "null", "http://localhost:3000", "https://localhost"})
  void refusesChangesFromOtherOrigins(String origin) throws Exception {
    for (String method : new String[] {"POST", "DELETE", "PUT"}) {
      MockHttpServletRequest request = request(method, "/v1/files/file-1", "localhost:8080");
      request.addHeader("Origin", origin);
      assertThat(status(open, request)).isEqualTo(403);
      assertThat(response.getContentAsString()).contains("foreign_origin");
    }
    MockHttpServletRequest read = request("GET", "/v1/files", "localhost:8080");
    read.addHeader("Origin", origin);
    assertThat(status(open, read)).isEqualTo(PASSED);
    assertThat(response.getHeader("Access-Control-Allow-Origin")).isNull();
  }

  @Test
  void acceptsChangesFromItsOwnPage() throws Exception {
    MockHttpServletRequest request = request("POST", "/caravan/jobs/a/cancel", "localhost:8080");
    request.addHeader("Origin", "http://localhost:8080");
    request.addHeader("Sec-Fetch-Site", "same-origin");

    assertThat(status(limited, request)).isEqualTo(PASSED);
  }

  @Test
  void refusesCrossSiteChangesWithoutAnOrigin() throws Exception {
    MockHttpServletRequest request = request("POST", "/v1/batches/b/cancel", "localhost:8080");
    request.addHeader("Sec-Fetch-Site", "cross-site");

    assertThat(status(open, request)).isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/batches, application/json, 200",
    "/v1/batches, application/json; charset=utf-8, 200",
    "/v1/batches, text/plain, 415",
    "/v1/batches, application/x-www-form-urlencoded, 415",
    "/v1/batches, multipart/form-data; boundary=x, 415",
    "/v1/batches, , 415",
    "/v1/chat/completions, text/plain, 415",
    "/v1/files, multipart/form-data; boundary=x, 200",
    "/v1/uploads/upload_1/parts, multipart/form-data; boundary=x, 200",
    "/v1/uploads/upload_1/complete, multipart/form-data; boundary=x, 415",
    "/caravan/jobs/a/cancel, text/plain, 415",
    "/routes/of/a/user, text/plain, 200",
  })
  void acceptsOnlyJsonBodies(String path, @Nullable String type, int status) throws Exception {
    MockHttpServletRequest request = request("POST", path, "localhost");
    request.setContent(new byte[] {'{', '}'});
    if (type != null) {
      request.setContentType(type);
    }

    assertThat(status(limited, request)).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/%761/batches", "/v1;x=1/batches", "//v1/batches", "/%62atch/queue"})
  void goesByTheDecodedPath(String path) throws Exception {
    MockHttpServletRequest text = request("POST", path, "localhost");
    text.setContentType("text/plain");
    text.setContent(new byte[] {'{', '}'});
    assertThat(status(limited, text)).isEqualTo(415);
  }

  @Test
  void acceptsAPostWithoutABody() throws Exception {
    assertThat(status(limited, request("POST", "/v1/batches/b/cancel", "localhost")))
        .isEqualTo(PASSED);
  }

  @Test
  void acceptsConfiguredOrigins() throws Exception {
    MockHttpServletRequest ask = request("OPTIONS", "/v1/batches", "localhost");
    ask.addHeader("Origin", TOOLS);
    ask.addHeader("Access-Control-Request-Method", "POST");
    assertThat(status(limited, ask)).isEqualTo(204);
    assertThat(response.getHeader("Access-Control-Allow-Origin")).isEqualTo(TOOLS);
    assertThat(response.getHeader("Access-Control-Allow-Headers")).contains("Authorization");

    MockHttpServletRequest post = request("POST", "/v1/batches", "localhost");
    post.addHeader("Origin", TOOLS);
    post.addHeader("Sec-Fetch-Site", "cross-site");
    post.setContentType("application/json");
    post.setContent(new byte[] {'{', '}'});
    assertThat(status(limited, post)).isEqualTo(PASSED);
    assertThat(response.getHeader("Access-Control-Allow-Origin")).isEqualTo(TOOLS);
  }

  private static MockHttpServletRequest request(String method, String path, @Nullable String host) {
    var request = new MockHttpServletRequest(method, path);
    request.setContent(new byte[0]);
    if (host != null) {
      request.addHeader("Host", host);
    }
    return request;
  }

  private int status(WebGuard guard, MockHttpServletRequest request) throws Exception {
    response = new MockHttpServletResponse();
    guard.doFilter(request, response, new MockFilterChain());
    return response.getStatus();
  }
}
