package io.caravan.flow;

import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.springframework.stereotype.Component;

/** The HTTP client must not repeat a call by itself: a batch created twice is paid twice. */
@Component("noSilentRetries")
public final class NoSilentRetries implements HttpClientConfigurer {
  @Override
  public void configureHttpClient(HttpClientBuilder client) {
    client
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableContentCompression();
  }
}
