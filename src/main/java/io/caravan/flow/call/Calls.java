package io.caravan.flow.call;

import io.caravan.flow.ExchangeProperties;
import io.caravan.job.Part;
import io.caravan.provider.AccessRefusedException;
import io.caravan.provider.Answer;
import io.caravan.provider.Providers;
import io.caravan.provider.QueueFullException;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RetryableProviderException;
import java.io.InputStream;
import java.time.Clock;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.springframework.stereotype.Component;

/** Sets the authentication headers of all provider calls and reads their responses. */
@Component("calls")
public class Calls {
  private static final long SMALL = 64L << 20;

  private final Providers providers;
  private final ProviderContacts contacts;
  private final Clock clock;

  public Calls(Providers providers, ProviderContacts contacts, Clock clock) {
    this.providers = providers;
    this.contacts = contacts;
    this.clock = clock;
  }

  /** Starts a call for a part. Camel sends all message headers, so only ours are kept. */
  public void start(Part part, Message message) {
    start(part.provider(), message);
    if (part.owner() != null) {
      message.setHeader(ProviderCalls.OWNER, part.owner());
    }
  }

  /** Starts a call that belongs to no single part. */
  public void start(String name, Message message) {
    message.removeHeaders("*");
    message.setHeader(ProviderCalls.OWNER, ProviderCalls.NO_OWNER);
    providers.get(name).headers().forEach(message::setHeader);
  }

  /** Writes a call about a part that has no body. */
  public void write(
      String method,
      String path,
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      Message message) {
    start(part, message);
    message.setBody(null);
    address(method, path, message);
  }

  /** Sets method and path of a call; the path is below the provider's base URL. */
  public void address(String method, String path, Message message) {
    message.setHeader(Exchange.HTTP_METHOD, method);
    message.setHeader(Exchange.HTTP_PATH, path);
  }

  /** Marks the call as a file transfer. */
  public void transfer(Message message, long mostBytes) {
    message.setHeader(ProviderCalls.TRANSFER, Long.toString(mostBytes));
    message.getExchange().setProperty(ProviderCalls.TRANSFER, Long.toString(mostBytes));
  }

  /**
   * The maximum size of a part's answers, from the size the provider reports or else that of the
   * requests.
   *
   * @param told bytes reported by the provider; -1 if unknown
   */
  public static long mostBytes(Part part, long told) {
    return told > 0 ? Math.max(4 * told, SMALL) : 200 * part.size().bytes() + 4 * SMALL;
  }

  /** Returns the answer, or throws if it reports a failure. */
  public Answer answer(String provider, Exchange exchange) {
    Message message = exchange.getMessage();
    InputStream body = message.getBody(InputStream.class);
    var answer =
        new Answer(
            message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class),
            message.getHeader("Retry-After", String.class),
            body == null ? InputStream.nullInputStream() : body,
            providers.get(provider).apiKey());
    try {
      Answer good = answer.orThrow(clock);
      contacts.good(provider);
      return good;
    } catch (RetryableProviderException
        | RejectedByProviderException
        | AccessRefusedException
        | QueueFullException e) {
      contacts.note(provider, e.getMessage());
      throw e;
    }
  }
}
