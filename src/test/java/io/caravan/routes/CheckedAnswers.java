package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * A filter that checks each answer below {@code /batch} and {@code /v1} against the OpenAPI
 * document, whichever client has called.
 */
public final class CheckedAnswers extends OncePerRequestFilter {
  /** Longer bodies are not checked. */
  private static final int MOST = 1 << 20;

  private final Collection<String> problems = new ConcurrentLinkedQueue<>();

  /** Adds the filter to an application that is going to start. */
  public void joinTo(GenericApplicationContext context) {
    var filter = new FilterRegistrationBean<>(this);
    filter.addUrlPatterns("/batch/*");
    if (context.getEnvironment().getProperty("caravan.server.enabled", Boolean.class, true)) {
      filter.addUrlPatterns("/v1/*");
    }
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
    context.registerBean("checkedAnswers", FilterRegistrationBean.class, () -> filter);
  }

  /** Fails if an answer was not as documented. */
  public void areAsDocumented() {
    assertThat(problems).as("answers that differ from the OpenAPI document").isEmpty();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String call = request.getMethod();
    String path = request.getRequestURI();
    var answer = new Captured(response);
    chain.doFilter(request, answer);
    if (request.isAsyncStarted()) {
      request.getAsyncContext().addListener(new AtTheEnd(() -> check(request, call, path, answer)));
    } else {
      check(request, call, path, answer);
    }
  }

  private void check(HttpServletRequest request, String method, String path, Captured answer) {
    boolean unreadable = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) != null;
    if (answer.broken || unreadable) { // an unreadable body is answered after all filters
      return;
    }
    try {
      OpenApiDocument.check(
          method,
          path,
          new OpenApiDocument.Answer(
              answer.getStatus(),
              answer.getHeader("Content-Type"),
              answer::getHeader,
              answer.body.size() > MOST ? null : answer.body.toString(StandardCharsets.UTF_8)));
    } catch (IOException | AssertionError e) {
      problems.add(String.valueOf(e.getMessage()));
    }
  }

  /** An answer whose body is kept, too. */
  private static final class Captured extends HttpServletResponseWrapper {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable ServletOutputStream out;
    private @Nullable PrintWriter writer;

    /** The caller has gone. */
    private volatile boolean broken;

    Captured(HttpServletResponse response) {
      super(response);
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
      ServletOutputStream both = out == null ? new Both(super.getOutputStream()) : out;
      out = both;
      return both;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
      PrintWriter both =
          writer == null
              ? new PrintWriter(
                  new OutputStreamWriter(
                      getOutputStream(), Charset.forName(getCharacterEncoding())))
              : writer;
      writer = both;
      return both;
    }

    @Override
    public void flushBuffer() throws IOException {
      if (writer != null) {
        writer.flush();
      }
      super.flushBuffer();
    }

    @Override
    public void reset() {
      super.reset();
      body.reset();
    }

    @Override
    public void resetBuffer() {
      super.resetBuffer();
      body.reset();
    }

    private final class Both extends ServletOutputStream {
      private final ServletOutputStream next;

      Both(ServletOutputStream next) {
        this.next = next;
      }

      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        if (body.size() <= MOST) {
          body.write(bytes, from, length);
        }
        try {
          next.write(bytes, from, length);
        } catch (IOException e) {
          broken = true;
          throw e;
        }
      }

      @Override
      public void flush() throws IOException {
        try {
          next.flush();
        } catch (IOException e) {
          broken = true;
          throw e;
        }
      }

      @Override
      public void close() throws IOException {
        next.close();
      }

      @Override
      public boolean isReady() {
        return next.isReady();
      }

      @Override
      public void setWriteListener(WriteListener listener) {
        next.setWriteListener(listener);
      }
    }
  }

  /** Runs a step once an asynchronous call is complete. */
  private record AtTheEnd(Runnable step) implements AsyncListener {
    @Override
    public void onComplete(AsyncEvent event) {
      step.run();
    }

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public void onError(AsyncEvent event) {}

    @Override
    public void onStartAsync(AsyncEvent event) {
      event.getAsyncContext().addListener(this);
    }
  }
}
