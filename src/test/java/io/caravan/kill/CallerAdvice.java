package io.caravan.kill;

import net.bytebuddy.asm.Advice;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;

/** Notes which step of a provider's route enters the shared route that calls the provider. */
public final class CallerAdvice {
  private CallerAdvice() {}

  /** Inlined at the beginning. */
  @Advice.OnMethodEnter
  public static void enter(@Advice.This Producer producer, @Advice.Argument(0) Exchange exchange) {
    note(producer, exchange);
  }

  /** Called when a step sends the exchange to another route. */
  public static void note(Producer producer, Exchange exchange) {
    String step = "" + exchange.getExchangeExtension().getHistoryNodeId();
    if (producer.getEndpoint().getEndpointUri().matches("direct://provider-(call|stream|download)")
        && !step.equals("download")) {
      exchange.setProperty(HttpAdvice.CALLER, step);
    }
  }
}
