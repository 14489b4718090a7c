package io.caravan.queue.callback;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Configures the HTTP client for callbacks, whose receivers are not trusted: permitted addresses
 * only, no proxy, redirects, cookies, or decompression, no retries, a time limit for the whole call
 * from connecting on, and limits for headers. Of the answer only the status matters, so its body is
 * read only as far as the connection can be used again.
 */
@Component("callbackCalls")
public final class CallbackCalls implements HttpClientConfigurer, DisposableBean {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final Timeout CONNECT = Timeout.ofSeconds(5);
  private static final int MOST_CONNECTIONS = 64;
  private static final int MOST_BODY = 16 << 10;
  private static final int MOST_HEADERS = 100;
  private static final int LONGEST_HEADER = 8 << 10;

  private final PoolingHttpClientConnectionManager connections;
  private final Duration limit;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("callback-limits").daemon().factory());

  @Autowired
  CallbackCalls(CallbackHosts hosts) {
    this(hosts, LIMIT);
  }

  CallbackCalls(DnsResolver hosts, Duration limit) {
    this.limit = limit;
    this.connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setDnsResolver(hosts)
            .setMaxConnTotal(MOST_CONNECTIONS)
            .setMaxConnPerRoute(MOST_CONNECTIONS)
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(CONNECT)
                    .setSocketTimeout(Timeout.of(limit))
                    .setTimeToLive(
                        TimeValue.ofMinutes(5)) // its address is checked again after that
                    .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                    .build())
            .setConnectionFactory(
                ManagedHttpClientConnectionFactory.builder()
                    .http1Config(
                        Http1Config.custom()
                            .setMaxHeaderCount(MOST_HEADERS)
                            .setMaxLineLength(LONGEST_HEADER)
                            .build())
                    .build())
            .build();
  }

  @Override
  public void configureHttpClient(HttpClientBuilder client) {
    client
        .setConnectionManager(connections)
        .setConnectionManagerShared(true)
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableContentCompression()
        .disableAuthCaching()
        .addExecInterceptorFirst("limits", this::send);
  }

  private ClassicHttpResponse send(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    var call = new Call(scope.execRuntime);
    Future<?> end = timer.schedule(call::abort, limit.toMillis(), TimeUnit.MILLISECONDS);
    try {
      ClassicHttpResponse response = chain.proceed(request, scope);
      drain(response, scope.execRuntime);
      return response;
    } catch (IOException e) {
      throw call.aborted ? tooSlow(e) : e;
    } finally {
      end.cancel(false);
    }
  }

  private IOException tooSlow(IOException cause) {
    var tooSlow = new InterruptedIOException("no answer within %d s".formatted(limit.toSeconds()));
    tooSlow.addSuppressed(cause); // says only that the connection was closed
    return tooSlow;
  }

  private static void drain(ClassicHttpResponse response, ExecRuntime connection) {
    HttpEntity body = response.getEntity();
    if (body == null) {
      return;
    }
    boolean whole = false;
    try {
      InputStream content = body.getContent();
      whole = content.readNBytes(MOST_BODY).length < MOST_BODY;
    } catch (IOException e) {
      // the status is known
    } finally {
      if (!whole) {
        connection.discardEndpoint();
      }
      response.setEntity(null);
    }
  }

  /** A call that may be aborted. */
  private static final class Call {
    private final ExecRuntime connection;
    private volatile boolean aborted;

    Call(ExecRuntime connection) {
      this.connection = connection;
    }

    void abort() {
      aborted = true;
      if (connection instanceof Cancellable cancellable) {
        cancellable.cancel(); // thread-safe
      } else {
        connection.discardEndpoint();
      }
    }
  }

  @Override
  public void destroy() {
    timer.shutdownNow();
    connections.close(CloseMode.IMMEDIATE);
  }
}
