package io.caravan.server;

import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.routing.SystemDefaultRoutePlanner;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/** Speaks HTTP with an upstream, one try at a time, over as many connections as it has rooms. */
final class UpstreamClient implements AutoCloseable {
  private static final TimeValue IDLE = TimeValue.ofSeconds(30);

  private final UpstreamServer server;
  private final Optional<String> authorization;
  private final CloseableHttpClient client;
  private final Map<Endpoint, URI> addresses = new ConcurrentHashMap<>();
  private final Map<HttpUriRequestBase, Long> deadlines = new ConcurrentHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("caravan-upstream-clock").factory());

  UpstreamClient(UpstreamServer server, Duration connectTimeout, Duration requestTimeout) {
    this.server = server;
    this.authorization = server.authorization();
    this.client = client(server, Timeout.of(connectTimeout));
    long look = Math.clamp(requestTimeout.toMillis() / 10, 10, 500);
    var unused = clock.scheduleWithFixedDelay(this::abortLate, look, look, TimeUnit.MILLISECONDS);
  }

  /** Nothing is repeated, followed or remembered: each answer is one of the upstream. */
  private static CloseableHttpClient client(UpstreamServer server, Timeout connectTimeout) {
    int connections = server.maxConcurrency();
    var pool =
        new UpstreamConnections()
            .setMaxConnPerRoute(connections)
            .setMaxConnTotal(connections)
            .setDefaultSocketConfig(SocketConfig.custom().setSoTimeout(Timeout.DISABLED).build())
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(connectTimeout)
                    .setSocketTimeout(Timeout.DISABLED) // there is a deadline for the whole
                    .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                    .build())
            .build();
    HttpClientBuilder builder = HttpClients.custom();
    if (behindProxy(server.address(""))) {
      builder.setRoutePlanner(new SystemDefaultRoutePlanner(null));
    }
    return builder
        .setConnectionManager(pool)
        .evictIdleConnections(IDLE)
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .disableDefaultUserAgent()
        .build();
  }

  /** Asked once, for the system's proxies are those of the start. */
  private static boolean behindProxy(URI address) {
    List<Proxy> proxies = ProxySelector.getDefault().select(address);
    return proxies.stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT);
  }

  UpstreamReply post(Endpoint endpoint, JsonBytes body, Duration timeout, Call call)
      throws IOException, InterruptedException {
    var request =
        new HttpPost(addresses.computeIfAbsent(endpoint, known -> server.address(known.path())));
    request.setEntity(new ByteArrayEntity(body.toByteArray(), ContentType.APPLICATION_JSON));
    return send(request, timeout, call);
  }

  UpstreamReply get(String path, Duration timeout) throws IOException, InterruptedException {
    URI address = server.address(path);
    return send(new HttpGet(address), timeout, new Call(false));
  }

  private UpstreamReply send(HttpUriRequestBase request, Duration timeout, Call call)
      throws IOException, InterruptedException {
    request.setHeader("Accept", "application/json");
    authorization.ifPresent(value -> request.setHeader("Authorization", value));
    call.during(request::cancel);
    long deadline = System.nanoTime() + timeout.toNanos();
    deadlines.put(request, deadline);
    try {
      return client.execute(
          request,
          response -> {
            HttpEntity entity = response.getEntity();
            byte[] text = entity == null ? new byte[0] : EntityUtils.toByteArray(entity);
            return UpstreamReply.of(response, text);
          });
    } catch (IOException e) {
      call.check();
      throw System.nanoTime() - deadline >= 0 ? new SocketTimeoutException("timed out") : e;
    } finally {
      deadlines.remove(request);
      call.during(null);
    }
  }

  /** The client's own time-outs begin anew with each byte; this one covers the whole answer. */
  private void abortLate() {
    long now = System.nanoTime();
    deadlines.forEach((request, deadline) -> {
      if (now - deadline >= 0) {
        request.cancel();
      }
    });
  }

  @Override
  public void close() {
    clock.shutdownNow();
    client.close(CloseMode.IMMEDIATE);
  }
}
