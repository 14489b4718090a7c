package io.caravan.flow.call;

import io.caravan.flow.ExchangeProperties;
import io.caravan.job.Part;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Objects;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Follows redirects of downloads, as sent by gateways and stores with signed URLs. */
@Component("redirects")
public class Redirects {
  private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);
  private static final int MOST = 5;
  private static final String HOPS = "redirects";
  private static final String LAST = "redirectedTo";

  private final Calls calls;

  Redirects(Calls calls) {
    this.calls = calls;
  }

  /** Whether the answer is a redirect, within the limit of 5. */
  public boolean isRedirected(Exchange exchange) {
    Message answer = exchange.getMessage();
    int hops = exchange.getProperty(HOPS, 0, Integer.class);
    boolean redirected =
        STATUSES.contains(answer.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class))
            && place(exchange, exchange.getProperty(ExchangeProperties.BASE, String.class)) != null
            && hops < MOST;
    if (!redirected) {
      exchange.removeProperty(HOPS);
      exchange.removeProperty(LAST);
    }
    return redirected;
  }

  /** Prepares the redirected call, without our API key if it goes to another host. */
  public void write(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.BASE) String base,
      Exchange exchange)
      throws IOException {
    URI place = Objects.requireNonNull(place(exchange, base));
    Message message = exchange.getMessage();
    String limit = exchange.getProperty(ProviderCalls.TRANSFER, String.class);
    InputStream body = message.getBody(InputStream.class);
    if (body != null) {
      body.close();
    }
    if (isSameHost(place, URI.create(base))) {
      calls.start(part, message);
    } else {
      message.removeHeaders("*");
      message.setHeader(ProviderCalls.OWNER, ProviderCalls.NO_OWNER);
    }
    if (limit != null) {
      message.setHeader(ProviderCalls.TRANSFER, limit);
    }
    message.setHeader(Exchange.HTTP_URI, place.toString());
    message.setBody(null);
    exchange.setProperty(LAST, place.toString());
    exchange.setProperty(HOPS, exchange.getProperty(HOPS, 0, Integer.class) + 1);
  }

  /** The target, absolute or relative to the last call; null if it must not be followed. */
  private static @Nullable URI place(Exchange exchange, String base) {
    String location = exchange.getMessage().getHeader("Location", String.class);
    if (location == null) {
      return null;
    }
    try {
      URI from = URI.create(exchange.getProperty(LAST, base, String.class));
      URI place = from.resolve(location);
      boolean http = "https".equals(place.getScheme()) || "http".equals(place.getScheme());
      boolean lessSafe = "https".equals(from.getScheme()) && "http".equals(place.getScheme());
      return http && !lessSafe && place.getHost() != null ? place : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean isSameHost(URI place, URI base) {
    return Objects.equals(place.getScheme(), base.getScheme())
        && Objects.equals(place.getRawAuthority(), base.getRawAuthority());
  }
}
