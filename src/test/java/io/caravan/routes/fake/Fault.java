package io.caravan.routes.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.routes.fake.RawHttp.Reply;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** A fault of one call to a {@link CountingProvider}. */
@FunctionalInterface
public interface Fault {
  /** No fault. */
  Fault NONE = Supplier::get;

  /**
   * The answer that the caller gets.
   *
   * @param call runs the call and returns its answer; without calling it, nothing is done
   */
  Reply spoil(Supplier<Reply> call);

  /** Runs the call, then breaks the connection. */
  static Fault dropped() {
    return call -> call.get().replacedBy(Reply.NONE);
  }

  /** Runs the call but gives another answer, such as a proxy's 500. */
  static Fault doneBut(int status) {
    String told = error("The server had an error while processing your request.", "server_error");
    return call -> call.get().replacedBy(Reply.json(status, told));
  }

  /** Runs the call and answers late. */
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

  /** Rejects the call without running it. */
  static Fault refused(int status, String body) {
    return call -> Reply.json(status, body);
  }

  /** Rejects the call with a {@code Retry-After} in seconds. */
  static Fault limited(String retryAfter) {
    return call ->
        Reply.json(429, error("Rate limit reached.", "rate_limit_exceeded"))
            .with("Retry-After", retryAfter);
  }

  /** Truncates the answer, which has announced its full length. */
  static Fault cut(int bytes) {
    return call -> cut(call.get(), true, bytes);
  }

  /** Truncates the answer without an announced length, so it looks complete. */
  static Fault cutUnannounced(int bytes) {
    return call -> cut(call.get(), false, bytes);
  }

  private static Reply cut(Reply reply, boolean length, int bytes) {
    return new Reply(reply.status(), reply.headers(), reply.body(), length, bytes);
  }

  /** Runs the call and changes the answer's body. */
  static Fault changed(UnaryOperator<String> body) {
    return call -> {
      Reply reply = call.get();
      byte[] changed = body.apply(new String(reply.body(), UTF_8)).getBytes(UTF_8);
      return new Reply(reply.status(), reply.headers(), changed, true, changed.length);
    };
  }

  /** Answers with a gateway's page and a successful status. */
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
