package io.caravan.flow.call;

import io.caravan.flow.FlowProperties;
import io.caravan.lease.Replica;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.EofSensorInputStream;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Configures the HTTP client for provider calls: no automatic retries or redirects, since a batch
 * created twice is paid twice. Before the first byte is sent, it checks that this replica still
 * owns the row. Calls have a time limit and answers a size limit; beyond them, or when an answer is
 * closed early, the connection is aborted. Other HTTP calls of routes, such as webhooks, share the
 * client, but have none of these limits.
 */
@Component("providerCalls")
public final class ProviderCalls implements HttpClientConfigurer, DisposableBean {
  /**
   * Header that marks a provider call, with the replica that makes it or {@link #NO_OWNER}; it
   * never leaves this process.
   */
  static final String OWNER = "CaravanOwner";

  /** The owner of a call that belongs to no leased row. */
  static final String NO_OWNER = "-";

  /**
   * Header that marks a file transfer, with the maximum bytes of its answer; it never leaves this
   * process.
   */
  static final String TRANSFER = "CaravanTransfer";

  /** Time for calls in flight to finish at shutdown. */
  private static final Duration STOP = Duration.ofSeconds(3);

  private final Replica replica;
  private final Clock clock;
  private final FlowProperties.ProviderCall settings;
  private final Set<Call> open = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService limits =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("call-limits").daemon().factory());

  ProviderCalls(Replica replica, Clock clock, FlowProperties.ProviderCall settings) {
    this.replica = replica;
    this.clock = clock;
    this.settings = settings;
  }

  @Override
  public void configureHttpClient(HttpClientBuilder client) {
    client
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableContentCompression()
        .addExecInterceptorLast("fence", this::send); // runs once connected
  }

  /** The oldest call in flight, if it is older than the given age. */
  Optional<String> olderThan(Duration age) {
    Instant before = clock.instant().minus(age);
    return open.stream()
        .filter(call -> call.begin.isBefore(before))
        .min(Comparator.comparing(call -> call.begin))
        .map(Call::toString);
  }

  /** Aborts calls in flight soon after shutdown begins. */
  @EventListener(ContextClosedEvent.class)
  void stop() {
    var unused =
        limits.schedule(() -> open.forEach(Call::abort), STOP.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void destroy() {
    open.forEach(Call::abort);
    limits.shutdownNow();
  }

  private ClassicHttpResponse send(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    String owner = take(request, OWNER);
    String transfer = take(request, TRANSFER);
    if (owner == null) {
      return chain.proceed(request, scope);
    }
    replica.check(owner.equals(NO_OWNER) ? null : owner);
    long most = transfer == null ? settings.answerSize().toBytes() : Long.parseLong(transfer);
    Duration limit = transfer == null ? settings.limit() : settings.transferLimit();
    var call = new Call(request.getMethod() + " " + request.getPath(), scope.execRuntime, limit);
    try {
      ClassicHttpResponse response = chain.proceed(request, scope);
      HttpEntity entity = response.getEntity();
      if (entity == null) {
        call.end();
      } else {
        response.setEntity(new Guarded(entity, call, most));
      }
      return response;
    } catch (IOException e) {
      call.end();
      throw call.explain(e);
    } catch (HttpException | RuntimeException e) {
      call.end();
      throw e;
    }
  }

  private static @Nullable String take(ClassicHttpRequest request, String name) {
    Header header = request.getFirstHeader(name);
    request.removeHeaders(name);
    return header == null ? null : header.getValue();
  }

  /** A call in flight, until its answer was read or aborted. */
  private final class Call {
    private final String name;
    private final ExecRuntime connection;
    private final Duration limit;
    private final Instant begin = clock.instant();
    private final Future<?> timer;
    private volatile boolean aborted;

    Call(String name, ExecRuntime connection, Duration limit) {
      this.name = name;
      this.connection = connection;
      this.limit = limit;
      this.timer = limits.schedule(this::abort, limit.toMillis(), TimeUnit.MILLISECONDS);
      open.add(this);
    }

    void abort() {
      aborted = true;
      if (connection instanceof Cancellable cancellable) {
        cancellable.cancel(); // thread-safe
      } else {
        connection.discardEndpoint();
      }
      end();
    }

    void end() {
      open.remove(this);
      timer.cancel(false);
    }

    IOException explain(IOException e) {
      return aborted ? new CallTimeoutException(name, limit, e) : e;
    }

    @Override
    public String toString() {
      return name.replaceFirst("\\?.*", "") + " since " + begin;
    }
  }

  /** An answer that is aborted if closed early, instead of being read to its end. */
  private static final class Guarded extends HttpEntityWrapper {
    private final Call call;
    private final long most;

    Guarded(HttpEntity entity, Call call, long most) {
      super(entity);
      this.call = call;
      this.most = most;
    }

    @Override
    public InputStream getContent() throws IOException {
      return new Content(super.getContent(), call, most);
    }

    @Override
    public void close() throws IOException {
      call.abort();
    }
  }

  private static final class Content extends FilterInputStream {
    private final Call call;
    private final long most;
    private long read;
    private boolean over;

    Content(InputStream content, Call call, long most) {
      super(content);
      this.call = call;
      this.most = most;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int count;
      try {
        count = in.read(to, offset, length);
      } catch (IOException e) {
        IOException explained = call.explain(e); // before it is aborted for its failure
        abort();
        throw explained;
      }
      if (count < 0) {
        over = true;
        call.end();
        return count;
      }
      read += count;
      if (read > most) {
        abort();
        throw new IOException(
            "the answer to %s exceeds the limit of %d bytes".formatted(call.name, most));
      }
      return count;
    }

    @Override
    public void close() throws IOException {
      if (over) {
        in.close();
      } else {
        abort();
      }
    }

    private void abort() throws IOException {
      over = true;
      call.end();
      if (in instanceof EofSensorInputStream content) {
        content.abort();
      } else {
        call.abort();
      }
    }
  }
}
