package io.caravan.kill;

import net.bytebuddy.asm.Advice;
import org.apache.camel.Exchange;

/** Wraps each call to a provider; the boundary is named after the step of the route. */
public final class HttpAdvice {
  /** The exchange property with the step that called through a shared route. */
  static final String CALLER = "killCaller";

  private HttpAdvice() {}

  /** Inlined at the beginning. */
  @Advice.OnMethodEnter
  public static void enter(@Advice.Argument(0) Exchange exchange) {
    before(exchange);
  }

  /** Inlined at each return. */
  @Advice.OnMethodExit
  public static void exit(@Advice.Argument(0) Exchange exchange) {
    after(exchange);
  }

  /** Called when the request is ready to be sent. */
  public static void before(Exchange exchange) {
    Boundaries.before(step(exchange), job(exchange));
  }

  /** Called when the head of the answer has arrived. */
  public static void after(Exchange exchange) {
    Boundaries.after(step(exchange), job(exchange));
  }

  private static String step(Exchange exchange) {
    String caller = exchange.getProperty(CALLER, String.class);
    return caller == null ? "" + exchange.getExchangeExtension().getHistoryNodeId() : caller;
  }

  private static String job(Exchange exchange) {
    Object part = exchange.getProperty("part");
    return Rows.isRow(part) ? Rows.job(part) : "";
  }
}
