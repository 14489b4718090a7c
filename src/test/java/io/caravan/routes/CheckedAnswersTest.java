package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class CheckedAnswersTest {
  private static final String GOOD = "{\"object\": \"list\", \"data\": []}";

  private final CheckedAnswers answers = new CheckedAnswers();
  private @Nullable AsyncContext later;

  private void answer(String path, FilterChain chain) throws Exception {
    var request = new MockHttpServletRequest("GET", path);
    request.setAsyncSupported(true);
    answers.doFilter(request, new MockHttpServletResponse(), chain);
  }

  private static void write(HttpServletResponse response, int status, String type, String body)
      throws IOException {
    response.setStatus(status);
    response.setContentType(type);
    response.getWriter().write(body);
    response.flushBuffer();
  }

  private void refuses(String problem) {
    assertThatThrownBy(answers::areAsDocumented).hasMessageContaining(problem);
  }

  @Test
  void accepts() throws Exception {
    answer(
        "/v1/models",
        (call, response) ->
            write((HttpServletResponse) response, 200, "application/json;charset=UTF-8", GOOD));
    answer(
        "/v1/nothing",
        (call, response) -> write((HttpServletResponse) response, 404, "text/plain", "no"));

    answers.areAsDocumented();
  }

  @Test
  void refusesAMemberThatIsMissing() throws Exception {
    answer(
        "/v1/models",
        (call, response) -> write((HttpServletResponse) response, 200, "application/json", "{}"));

    refuses("GET /v1/models -> 200: {}");
  }

  @Test
  void refusesAnotherStatusTypeOrPath() throws Exception {
    answer(
        "/v1/models",
        (call, response) -> write((HttpServletResponse) response, 418, "application/json", "{}"));
    answer(
        "/v1/models",
        (call, response) -> write((HttpServletResponse) response, 200, "text/plain", GOOD));
    answer(
        "/v1/nothing",
        (call, response) -> write((HttpServletResponse) response, 200, "text/plain", ""));
    answer(
        "/v1/models",
        (call, response) -> write((HttpServletResponse) response, 429, "application/json", "{}"));

    refuses("GET /v1/models -> 418 has a documented status");
    refuses("GET /v1/models -> 200 has type text/plain");
    refuses("GET /v1/nothing -> 200 is documented");
    refuses("GET /v1/models -> 429 has the header Retry-After");
  }

  @Test
  void refusesAtTheEndOfAnAsynchronousCall() throws Exception {
    answer(
        "/v1/models",
        (call, response) -> {
          later = call.startAsync(call, response);
          write((HttpServletResponse) response, 200, "application/json", "{\"object\": 1}");
        });
    answers.areAsDocumented();

    Objects.requireNonNull(later).complete();

    refuses("GET /v1/models -> 200: {\"object\": 1}");
  }
}
