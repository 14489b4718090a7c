package io.caravan.flow;

import io.caravan.batch.Replica;
import java.io.IOException;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.springframework.stereotype.Component;

/**
 * The HTTP client does what the routes say and nothing by itself: a batch created twice is paid
 * twice. Right before the first byte leaves, it makes sure that the row the call is for is still
 * ours.
 */
@Component("providerCalls")
public final class ProviderCalls implements HttpClientConfigurer {
  /** Names the replica that makes the call; it never leaves this process. */
  static final String OWNER = "CaravanOwner";

  private final Replica replica;

  ProviderCalls(Replica replica) {
    this.replica = replica;
  }

  @Override
  public void configureHttpClient(HttpClientBuilder client) {
    client
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableContentCompression()
        .addExecInterceptorLast("fence", this::send); // after the connection is there
  }

  private ClassicHttpResponse send(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    Header owner = request.getFirstHeader(OWNER);
    request.removeHeaders(OWNER);
    replica.check(owner == null ? null : owner.getValue());
    return chain.proceed(request, scope);
  }
}
