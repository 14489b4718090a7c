package io.caravan.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.job.CannotStartException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class OperatorAccessTest {
  private static final String TOKEN = "0123456789abcdef";

  @ParameterizedTest
  @ValueSource(strings = {"Bearer " + TOKEN, "bearer " + TOKEN, "Bearer  " + TOKEN + " "})
  void acceptsToken(String header) throws Exception {
    assertThat(status(TOKEN + "\n", header)).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        "Basic " + TOKEN,
        "Bearer 0123456789abcdeF",
        "Bearer 0123456789abcde",
        "Bearer 0123456789abcdef0"
      })
  void rejectsOtherHeaders(String header) throws Exception {
    assertThat(status(TOKEN, header)).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer ", "Bearer null", ""})
  void rejectsAllWithoutConfiguredToken(String header) throws Exception {
    assertThat(status(" ", header)).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0123456789abcde", "with spaces in it it is", "größe-größe-größe"})
  void doesNotStartWithInvalidToken(String token) {
    assertThatThrownBy(() -> access(token))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("CARAVAN_OPERATOR_TOKEN")
        .hasMessageNotContaining(token);
  }

  @Test
  void neverShowsTheToken() {
    assertThat(new OperatorProperties(TOKEN).toString()).doesNotContain(TOKEN);
  }

  private static int status(String token, String header) throws Exception {
    var request = new MockHttpServletRequest();
    request.addHeader("Authorization", header);
    var response = new MockHttpServletResponse();
    access(token).doFilter(request, response, new MockFilterChain());
    return response.getStatus();
  }

  private static OperatorAccess access(String token) {
    return new OperatorAccess(new OperatorToken(new OperatorProperties(token)));
  }
}
