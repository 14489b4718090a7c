package io.caravan.routes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.routes.RawHttp.Reply;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** What goes wrong with one call to a {@link CountingProvider}. */
@FunctionalInterface
interface Fault {
  /** Nothing. */
  Fault NONE = Supplier::get;

  /**
   * What the caller hears.
   *
   * @param call what the provider does and would answer; not called, it is not done
   */
  Reply spoil(Supplier<Reply> call);

  /** It is done, and the connection breaks. */
  static Fault dropped() {
    return call -> call.get().replacedBy(Reply.NONE);
  }

  /** It is done, and the answer is another: a proxy's 500, say. */
  static Fault doneBut(int status) {
    String told = error("The server had an error while processing your request.", "server_error");
    return call -> call.get().replacedBy(Reply.json(status, told));
  }

  /** It is done, and told late. */
  static Fault late(Duration by) {
    return call -> {
      Reply reply = call.get();
      try {
        TimeUnit.MILLISECONDS.sleep(by.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return reply;
    };
  }

  /** It is not done. */
  static Fault refused(int status, String body) {
    return call -> Reply.json(status, body);
  }

  /** It is not done, and to be tried again after so many seconds. */
  static Fault limited(String retryAfter) {
    return call ->
        Reply.json(429, error("Rate limit reached.", "rate_limit_exceeded"))
            .with("Retry-After", retryAfter);
  }

  /** The answer breaks off after so many bytes, and does not reach the length it announced. */
  static Fault cut(int bytes) {
    return call -> cut(call.get(), true, bytes);
  }

  /** The answer breaks off, and nobody was told its length: its end looks like any other. */
  static Fault cutUnannounced(int bytes) {
    return call -> cut(call.get(), false, bytes);
  }

  private static Reply cut(Reply reply, boolean length, int bytes) {
    return new Reply(reply.status(), reply.headers(), reply.body(), length, bytes);
  }

  /** It is done, and the answer's body is not what it was. */
  static Fault changed(UnaryOperator<String> body) {
    return call -> {
      Reply reply = call.get();
      byte[] changed = body.apply(new String(reply.body(), UTF_8)).getBytes(UTF_8);
      return new Reply(reply.status(), reply.headers(), changed, true, changed.length);
    };
  }

  /** A gateway's page in place of the answer, with the status of a success. */
  static Fault page() {
    String page = "<!DOCTYPE html>\n<html>\n<title>Sign in</title>\n<p>Session expired\n</html>\n";
    return call -> Reply.of(200, page.getBytes(UTF_8)).with("Content-Type", "text/html");
  }

  /** OpenAI's error body. */
  static String error(String message, String code) {
    return """
    {"error": {"message": "%s", "type": "invalid_request_error", "param": null, "code": "%s"}}\
    """
        .formatted(message, code);
  }
}
