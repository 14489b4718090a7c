package io.caravan.routes.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.ToIntBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The chat completions of a {@link CountingProvider} outside of batches: tiers, and who paid what.
 * A request is named by the custom_id that its messages have in an uploaded file, else by its last
 * text.
 */
public final class SingleEndpoint {
  private static final JsonMapper JSON = new JsonMapper();
  private static final BigDecimal HALF = new BigDecimal("0.5");

  private final ProviderAccount account;
  private final List<Seen> seen = new ArrayList<>();
  private final Map<String, Integer> attempts = new TreeMap<>();
  private BiPredicate<String, Integer> fullFlex = (name, attempt) -> false;
  private ToIntBiFunction<String, Integer> statuses = (name, attempt) -> 200;
  private BigDecimal inputPrice = BigDecimal.ZERO;
  private BigDecimal outputPrice = BigDecimal.ZERO;
  private long outputTokens = 1;
  private @Nullable String served;

  /**
   * A call that was run, or refused.
   *
   * @param tier what it asked for; empty for none
   */
  public record Seen(
      String name, String tier, int status, BigDecimal cost, Map<String, String> headers) {}

  SingleEndpoint(ProviderAccount account) {
    this.account = account;
  }

  /** Sets which attempts find no capacity in the flex tier; they are not charged. */
  public synchronized SingleEndpoint withoutCapacity(BiPredicate<String, Integer> full) {
    fullFlex = full;
    return this;
  }

  /** Sets the status for the n-th attempt of a request; only 200 is charged. */
  public synchronized SingleEndpoint answering(ToIntBiFunction<String, Integer> status) {
    statuses = status;
    return this;
  }

  /** Sets the full price of a token in USD; flex costs half. */
  public synchronized SingleEndpoint priced(String input, String output) {
    inputPrice = new BigDecimal(input);
    outputPrice = new BigDecimal(output);
    return this;
  }

  /** Sets the length of answers. */
  public synchronized SingleEndpoint withAnswersOf(long tokens) {
    outputTokens = tokens;
    return this;
  }

  /** Answers in this tier, whatever was asked for. */
  public synchronized SingleEndpoint servedAs(String tier) {
    served = tier;
    return this;
  }

  /** All calls, in order. */
  public synchronized List<Seen> seen() {
    return List.copyOf(seen);
  }

  /** How often each request was paid for. */
  public synchronized Map<String, Long> paid() {
    var paid = new TreeMap<String, Long>();
    seen.stream()
        .filter(call -> call.status == 200)
        .forEach(call -> paid.merge(call.name, 1L, Long::sum));
    return paid;
  }

  /** What all calls cost. */
  public synchronized BigDecimal cost() {
    return seen.stream().map(Seen::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  synchronized Reply answer(Call call) {
    JsonNode body = Json.parse(new String(call.body(), UTF_8));
    String name = name(body.path("messages"));
    String tier = body.path("service_tier").asText("");
    int attempt = attempts.merge(name, 1, Integer::sum);
    boolean flex = tier.equals("flex");
    int status = flex && fullFlex.test(name, attempt) ? 429 : statuses.applyAsInt(name, attempt);
    long prompt = ProviderAccount.tokens(List.of("{\"body\":" + body + "}"));
    BigDecimal cost = status == 200 ? cost(prompt, flex) : BigDecimal.ZERO;
    seen.add(new Seen(name, tier, status, cost, call.headers()));
    return status == 200
        ? json(200, completion(body, name, tier, prompt))
        : json(status, problem(status, flex && status == 429));
  }

  private BigDecimal cost(long prompt, boolean flex) {
    BigDecimal full =
        inputPrice
            .multiply(BigDecimal.valueOf(prompt))
            .add(outputPrice.multiply(BigDecimal.valueOf(outputTokens)));
    return flex ? full.multiply(HALF) : full;
  }

  private String name(JsonNode messages) {
    String uploaded = account.customId(messages);
    return uploaded == null
        ? messages.path(messages.size() - 1).path("content").asText()
        : uploaded;
  }

  private ObjectNode completion(JsonNode body, String name, String tier, long prompt) {
    ObjectNode answer = JSON.createObjectNode().put("id", "chatcmpl-" + name);
    answer.put("object", "chat.completion").set("model", body.path("model"));
    ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
    choice.put("finish_reason", "stop");
    choice.putObject("message").put("role", "assistant").put("content", "Yes.\nNow.");
    answer
        .putObject("usage")
        .put("prompt_tokens", prompt)
        .put("completion_tokens", outputTokens)
        .put("total_tokens", prompt + outputTokens);
    answer.put("service_tier", served != null ? served : tier.isEmpty() ? "default" : tier);
    return answer;
  }

  private static ObjectNode problem(int status, boolean noCapacity) {
    ObjectNode problem = JSON.createObjectNode();
    problem
        .putObject("error")
        .put("message", noCapacity ? "Resource Unavailable" : "The model says no.")
        .put("type", status < 500 ? "invalid_request_error" : "server_error")
        .putNull("param")
        .put("code", noCapacity ? "resource_unavailable" : null);
    return problem;
  }

  /** Over several lines, as some servers write it. */
  private static Reply json(int status, ObjectNode body) {
    return Reply.json(status, body.toPrettyString()).with("X-Request-Id", "req-" + status);
  }
}
