package io.caravan.operator;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class HealthDetailsTest {
  private static final String TOKEN = "0123456789abcdef";

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1, localhost:8080, true",
    "::1, ::1, [::1]:8080, true",
    "127.0.0.1, 127.0.0.1, rebound.example, false",
    "127.0.0.1, 127.0.0.1, , false",
    "10.0.0.1, 10.0.0.2, localhost, false",
    "10.0.0.1, 127.0.0.1, localhost, false", // a client may forge the Host header
    "127.0.0.1, 10.0.0.2, localhost, false",
  })
  void areShownToThisMachine(String local, String remote, @Nullable String host, boolean shown)
      throws Exception {
    assertThat(shown("", request(local, remote, host))).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"})
  void areHiddenFromProxiedRequests(String header) throws Exception {
    MockHttpServletRequest request = request("127.0.0.1", "127.0.0.1", "localhost");
    request.addHeader(header, "127.0.0.1");

    assertThat(shown(TOKEN, request)).isFalse();
  }

  @Test
  void areShownWithToken() throws Exception {
    MockHttpServletRequest operator = request("10.0.0.1", "10.0.0.2", "caravan");
    operator.addHeader("Authorization", "Bearer " + TOKEN);
    MockHttpServletRequest guess = request("10.0.0.1", "10.0.0.2", "caravan");
    guess.addHeader("Authorization", "Bearer ");

    assertThat(shown(TOKEN, operator)).isTrue();
    assertThat(shown(TOKEN, guess)).isFalse();
    assertThat(shown("", guess)).isFalse();
  }

  private static MockHttpServletRequest request(
      String local, String remote, @Nullable String host) {
    var request = new MockHttpServletRequest("GET", "/actuator/health");
    request.setLocalAddr(local);
    request.setRemoteAddr(remote);
    if (host != null) {
      request.addHeader("Host", host);
    }
    return request;
  }

  private static boolean shown(String token, MockHttpServletRequest request) throws Exception {
    var chain = new MockFilterChain();
    new HealthDetails(new OperatorToken(new OperatorProperties(token)))
        .doFilter(request, new MockHttpServletResponse(), chain);
    var passed = (HttpServletRequest) Objects.requireNonNull(chain.getRequest());
    return passed.getUserPrincipal() != null;
  }
}
