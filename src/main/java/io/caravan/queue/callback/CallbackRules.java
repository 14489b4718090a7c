package io.caravan.queue.callback;

import io.caravan.jsonl.Quote;
import io.caravan.queue.CallbackEndpoint;
import io.caravan.queue.QueueProblem;
import java.net.URI;
import java.net.URISyntaxException;
import org.springframework.stereotype.Component;

/** Checks the callback URLs of new requests. */
@Component
public final class CallbackRules {
  private static final int LONGEST_HOST = 253;
  private static final int LARGEST_PORT = 65_535;

  private final CallbackSecrets secrets;
  private final CallbackHosts hosts;

  CallbackRules(CallbackSecrets secrets, CallbackHosts hosts) {
    this.secrets = secrets;
    this.hosts = hosts;
  }

  /**
   * Fails unless a client may be called back at that URL. A name may still turn out to have no
   * public address when it is called.
   */
  public void check(String url, String client) {
    URI uri = read(url);
    if (hosts.isForbidden(uri)) {
      throw problem(
          "callback_url has the host %s, which is not public. An operator can permit it by caravan.queue.callback-hosts."
              .formatted(Quote.of(CallbackEndpoint.host(uri))));
    }
    if (!secrets.has(client)) {
      throw QueueProblem.invalid(
          "callback_secret_missing",
          "This server cannot sign callbacks for you. Ask its operator to set %s, or leave callback_url out."
              .formatted(CallbackSecrets.variable(client)),
          "callback_url");
    }
  }

  private static URI read(String url) {
    try {
      URI uri = new URI(url);
      if (uri.getHost() != null
          && uri.getHost().length() <= LONGEST_HOST
          && uri.getPort() != 0
          && uri.getPort() <= LARGEST_PORT
          && uri.getRawUserInfo() == null
          && ("https".equalsIgnoreCase(uri.getScheme())
              || "http".equalsIgnoreCase(uri.getScheme()))) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // reported below
    }
    throw problem(
        "callback_url must be a URL such as https://HOST/PATH, without a user or password.");
  }

  private static QueueProblem problem(String message) {
    return QueueProblem.invalid("invalid_callback_url", message, "callback_url");
  }
}
