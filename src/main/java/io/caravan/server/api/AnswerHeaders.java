package io.caravan.server.api;

import io.caravan.server.wire.IdKind;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * The filter that sets OpenAI's {@code x-request-id}, {@code openai-version} and {@code
 * openai-processing-ms} on every response.
 */
public final class AnswerHeaders extends OncePerRequestFilter {

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.setHeader("x-request-id", IdKind.REQUEST.nextOfMany());
    response.setHeader("openai-version", "2020-10-01");
    var timed = new Timed(response);
    chain.doFilter(request, timed);
    timed.stamp();
  }

  /** Sets the time when a body begins, since headers cannot be set afterwards. */
  private static final class Timed extends HttpServletResponseWrapper {
    private final long start = System.nanoTime();

    Timed(HttpServletResponse response) {
      super(response);
    }

    void stamp() {
      if (!isCommitted() && !containsHeader("openai-processing-ms")) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        setHeader("openai-processing-ms", Long.toString(millis));
      }
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
      stamp();
      return super.getOutputStream();
    }

    @Override
    public PrintWriter getWriter() throws IOException {
      stamp();
      return super.getWriter();
    }
  }
}
