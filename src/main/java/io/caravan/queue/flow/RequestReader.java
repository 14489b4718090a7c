package io.caravan.queue.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.client.Clients;
import io.caravan.flow.RequestLimits;
import io.caravan.flow.Templates;
import io.caravan.job.CannotStartException;
import io.caravan.job.Timing;
import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.Quote;
import io.caravan.jsonl.StrictJson;
import io.caravan.jsonl.convert.RequestBuilder;
import io.caravan.jsonl.split.LineValidator;
import io.caravan.jsonl.tokens.TokenEstimate;
import io.caravan.jsonl.tokens.Tokens;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.queue.NewRequest;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueueSettings;
import io.caravan.queue.RequestDeadlines;
import io.caravan.queue.RequestGroup;
import io.caravan.queue.RequestId;
import io.caravan.queue.callback.CallbackRules;
import io.caravan.queue.store.JobLines;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reads and checks the JSON with which clients queue a request. */
@Component
public class RequestReader {
  private static final String CUSTOM_ID = "custom_id";

  private static final Set<String> MEMBERS =
      Set.of(
          "job_type",
          "provider",
          "method",
          "body",
          "data",
          "priority",
          "url",
          CUSTOM_ID,
          "deadline",
          "callback_url",
          "metadata");

  private static final String CHAT = "/v1/chat/completions";
  private static final int MAX_JOB_TYPE = 200;
  private static final int MAX_CUSTOM_ID = 512;
  private static final int MAX_URL = 2000;
  private static final int MAX_METADATA = 16_384;

  private final Queues queues;
  private final Providers providers;
  private final Templates templates;
  private final Clients clients;
  private final RequestLimits limits;
  private final QueueSettings settings;
  private final CallbackRules callbacks;
  private final RequestDeadlines deadlines;
  private final RequestId ids;

  RequestReader(
      Queues queues,
      Providers providers,
      Templates templates,
      Clients clients,
      RequestLimits limits,
      QueueSettings settings,
      CallbackRules callbacks,
      RequestDeadlines deadlines,
      Clock clock) {
    this.queues = queues;
    this.providers = providers;
    this.templates = templates;
    this.clients = clients;
    this.limits = limits;
    this.settings = settings;
    this.callbacks = callbacks;
    this.deadlines = deadlines;
    this.ids = new RequestId(clock);
  }

  /**
   * Reads a JSON object.
   *
   * @param queue that takes it; null for the queue of its provider
   * @param customId of a request that has none; null for its id
   */
  NewRequest read(byte[] json, String client, @Nullable String queue, @Nullable String customId)
      throws IOException {
    ObjectNode order = parse(json);
    if (customId != null && text(order, CUSTOM_ID, MAX_CUSTOM_ID).orElse("").isBlank()) {
      order.put(CUSTOM_ID, customId);
    }
    return read(order, client, queue);
  }

  private static ObjectNode parse(byte[] json) throws IOException {
    try {
      if (StrictJson.MAPPER.readTree(json) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw QueueProblem.invalid(
          "invalid_json",
          "The body is not valid JSON: %s.".formatted(e.getOriginalMessage()),
          null);
    }
    throw QueueProblem.invalid("invalid_type", "The body is not a JSON object.", null);
  }

  /**
   * Checks a request.
   *
   * @param client the client that sends it; empty without keys
   * @throws QueueProblem if it cannot be queued
   */
  public NewRequest read(ObjectNode order, String client) throws IOException {
    return read(order, client, null);
  }

  private NewRequest read(ObjectNode order, String client, @Nullable String queue)
      throws IOException {
    checkMembers(order);
    String jobType = text(order, "job_type", MAX_JOB_TYPE).orElse("");
    String id = ids.next();
    String customId = text(order, CUSTOM_ID, MAX_CUSTOM_ID).filter(it -> !it.isBlank()).orElse(id);
    String named = text(order, "provider", MAX_JOB_TYPE).orElse(null);
    Queues.Choice choice =
        queue == null ? queues.choose(named, jobType) : queues.named(queue, named);
    Provider provider = provider(choice.provider(), client);
    Line line = line(order, jobType, customId);
    byte[] body = StrictJson.MAPPER.writeValueAsBytes(line.body());
    byte[] bytes = JobLines.line(customId, line.endpoint(), body);
    check(bytes, provider, client);
    Tokens tokens = new TokenEstimate(provider.mediaTokens()).of(bytes, 0, bytes.length);
    return new NewRequest(
        id,
        new RequestGroup(
            choice.name(),
            client,
            choice.provider(),
            line.endpoint(),
            line.body().path("model").asText()),
        customId,
        jobType,
        Math.min(priority(order), clients.of(client).maxPriority()),
        new String(body, UTF_8),
        bytes.length,
        tokens.at(1),
        metadata(order),
        callback(order, client),
        deadline(order));
  }

  private static void checkMembers(ObjectNode order) {
    var unknown = new TreeSet<String>();
    order
        .fieldNames()
        .forEachRemaining(name -> {
          if (!MEMBERS.contains(name)) {
            unknown.add(name);
          }
        });
    if (!unknown.isEmpty()) {
      throw QueueProblem.invalid(
          "unknown_parameter",
          "Unknown member%s %s. Use %s; the request itself goes into data (or body)."
              .formatted(
                  unknown.size() == 1 ? "" : "s",
                  unknown.stream().limit(5).map(Quote::of).collect(Collectors.joining(", ")),
                  String.join(", ", new TreeSet<>(MEMBERS))),
          unknown.first());
    }
  }

  private Provider provider(String name, String client) {
    Provider provider;
    try {
      provider = providers.get(name);
    } catch (CannotStartException e) {
      throw QueueProblem.invalid(
          providers.providers().containsKey(name) ? "provider_unavailable" : "unknown_provider",
          e.getMessage() + " " + e.action(),
          "provider");
    }
    if (!limits(client).allowsProvider(name)) {
      throw QueueProblem.of(
          403,
          "provider_not_allowed",
          "Provider %s is not allowed for this API key. Ask the operator of this server for access."
              .formatted(name));
    }
    return provider;
  }

  private Clients.Limits limits(String client) {
    return clients.of(client.isEmpty() ? null : client);
  }

  private record Line(String endpoint, ObjectNode body) {}

  /** Fills the template that the job type names, or takes the data as the body of a request. */
  private Line line(ObjectNode order, String jobType, String customId) {
    String name = order.has("body") && !order.has("data") ? "body" : "data";
    if (!(order.get(name) instanceof ObjectNode data)) {
      throw QueueProblem.invalid(
          order.has(name) ? "invalid_type" : "missing_required_parameter",
          "data must be an object: the body of the request, or the values of a template.",
          "data");
    }
    Optional<String> url = text(order, "url", MAX_URL);
    Optional<RequestBuilder> template = template(jobType);
    if (template.isEmpty()) {
      return new Line(url.orElse(CHAT), data);
    }
    ObjectNode row = data.deepCopy();
    row.put(CUSTOM_ID, customId);
    return switch (template.get().build(row, 1, true)) {
      case RequestBuilder.Built.Bad(LineProblem problem) -> throw problem(problem);
      case RequestBuilder.Built.Request(ObjectNode request, ObjectNode carried) -> {
        String endpoint = request.path("url").asText();
        if (url.isPresent() && !url.get().equals(endpoint)) {
          throw QueueProblem.invalid(
              "invalid_url",
              "url is %s, but the template \"%s\" makes requests for %s. Leave url out."
                  .formatted(Quote.of(url.get()), jobType, endpoint),
              "url");
        }
        yield new Line(endpoint, (ObjectNode) request.get("body"));
      }
    };
  }

  private Optional<RequestBuilder> template(String jobType) {
    return templates.find(jobType).map(RequestBuilder::new);
  }

  private void check(byte[] line, Provider provider, String client) throws IOException {
    if (line.length > settings.maxRequestSize().toBytes()) {
      throw QueueProblem.of(
          413,
          "request_too_large",
          "The request has %s bytes, more than the maximum of %s (caravan.queue.max-request-size)."
              .formatted(
                  Quote.number(line.length), Quote.number(settings.maxRequestSize().toBytes())));
    }
    List<LineProblem> problems =
        new LineValidator(
                limits.rules(provider, limits(client)::allowsModel),
                limits.parts(provider, model -> Long.MAX_VALUE))
            .problems(line);
    if (!problems.isEmpty()) {
      throw problem(
          new LineProblem(
              problems.getFirst().code(),
              problems.stream().map(LineProblem::message).collect(Collectors.joining(" ")),
              problems.getFirst().param()));
    }
  }

  private static QueueProblem problem(LineProblem problem) {
    String param = problem.param();
    String message = problem.message().replace("body.", "data.");
    return QueueProblem.invalid(
        problem.code(),
        message.substring(0, 1).toUpperCase(Locale.ROOT) + message.substring(1),
        param == null ? null : param.replace("body", "data"));
  }

  private static int priority(ObjectNode order) {
    JsonNode priority = order.path("priority");
    if (priority.isMissingNode() || priority.isNull()) {
      return Timing.USUAL_PRIORITY;
    }
    if (!priority.isIntegralNumber()
        || priority.asInt() < 1
        || priority.asInt() > Timing.HIGHEST_PRIORITY
        || !priority.canConvertToInt()) {
      throw QueueProblem.invalid(
          "invalid_value", "priority must be a number from 1 to 10, the highest.", "priority");
    }
    return priority.asInt();
  }

  private static @Nullable String metadata(ObjectNode order) {
    JsonNode metadata = order.path("metadata");
    if (metadata.isMissingNode() || metadata.isNull()) {
      return null;
    }
    if (!metadata.isObject() || metadata.toString().length() > MAX_METADATA) {
      throw QueueProblem.invalid(
          "invalid_value",
          "metadata must be an object of at most %s characters."
              .formatted(Quote.number(MAX_METADATA)),
          "metadata");
    }
    return metadata.toString();
  }

  private @Nullable Instant deadline(ObjectNode order) {
    return text(order, "deadline", 100).map(deadlines::of).orElse(null);
  }

  private @Nullable String callback(ObjectNode order, String client) {
    Optional<String> url = text(order, "callback_url", MAX_URL);
    url.ifPresent(it -> callbacks.check(it, client));
    return url.orElse(null);
  }

  /** A text member; empty if it is absent. */
  private static Optional<String> text(ObjectNode order, String name, int most) {
    JsonNode value = order.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw QueueProblem.invalid("invalid_type", "%s must be a string.".formatted(name), name);
    }
    String text = value.asText();
    if (text.length() > most || text.indexOf('\0') >= 0) {
      throw QueueProblem.invalid(
          "invalid_value",
          "%s must have at most %s characters, and none of them NUL."
              .formatted(name, Quote.number(most)),
          name);
    }
    return Optional.of(text);
  }
}
