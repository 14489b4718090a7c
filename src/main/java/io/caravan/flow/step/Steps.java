package io.caravan.flow.step;

import io.caravan.flow.call.ProviderWorkers;
import io.caravan.job.Claimed;
import io.caravan.job.Claims;
import io.caravan.job.LogFields;
import io.caravan.job.Part;
import io.caravan.provider.RejectedByProviderException;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;

/**
 * The start and end of one step of a claimed job or part. The claim is always released, even when a
 * route ends the exchange early ({@code stop}, {@code rollback}, an error handler of its own).
 */
@Component("steps")
public class Steps {
  /** The row that the step works on; removed when its claim is released. */
  static final String CLAIMED = "claimed";

  private final Claims claims;
  private final Setbacks setbacks;
  private final ProviderWorkers workers;

  Steps(Claims claims, Setbacks setbacks, ProviderWorkers workers) {
    this.claims = claims;
    this.setbacks = setbacks;
    this.workers = workers;
  }

  /** Stores the claimed row in the exchange and adds it to the log context. */
  public void begin(@Body Claimed claimed, Exchange exchange) {
    exchange.setProperty(CLAIMED, claimed);
    exchange.getExchangeExtension().addOnCompletion(new Unfinished(claimed));
  }

  /** Releases the claim after a successful step. */
  public void end(Exchange exchange) {
    Claimed claimed = take(exchange);
    if (claimed != null) {
      claims.release(claimed);
    }
  }

  /** Ends a part that its provider has rejected. */
  public void refuse(Exchange exchange) {
    Claimed claimed = take(exchange);
    if (claimed != null) {
      setbacks.refuse(claimed, caught(exchange, RejectedByProviderException.class));
    }
  }

  /** Schedules a retry of the step. */
  public void tryAgainLater(Exchange exchange) {
    Claimed claimed = take(exchange);
    if (claimed != null) {
      setbacks.tryAgainLater(claimed, caught(exchange, Exception.class));
    }
  }

  private static @Nullable Claimed take(Exchange exchange) {
    return (Claimed) exchange.removeProperty(CLAIMED);
  }

  private static <E extends Exception> E caught(Exchange exchange, Class<E> type) {
    return exchange.getProperty(Exchange.EXCEPTION_CAUGHT, type);
  }

  /** Retries a step whose exchange ended before the step did. */
  private final class Unfinished extends SynchronizationAdapter {
    private final Claimed begun;

    /** Log context of the thread that runs the step, unless a route switches threads. */
    private final LogFields fields;

    Unfinished(Claimed begun) {
      this.begun = begun;
      MDC.clear(); // left by a step that ended in another thread
      this.fields = LogFields.of(begun);
    }

    @Override
    public void onDone(Exchange exchange) {
      try (fields) {
        done(exchange);
      }
    }

    private void done(Exchange exchange) {
      if (begun instanceof Part part) {
        workers.free(part);
      }
      Claimed claimed = take(exchange);
      if (claimed != null) {
        setbacks.tryAgainLater(claimed, cause(exchange));
      }
    }

    private static Exception cause(Exchange exchange) {
      Exception failure = exchange.getException();
      Exception cause = failure == null ? caught(exchange, Exception.class) : failure;
      return cause == null
          ? new IllegalStateException(
              "a route ended the step early (stop, rollback or its own error handler)")
          : cause;
    }
  }
}
