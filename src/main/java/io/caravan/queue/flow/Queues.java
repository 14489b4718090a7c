package io.caravan.queue.flow;

import io.caravan.flow.Pipeline;
import io.caravan.flow.Pipelines;
import io.caravan.jsonl.Quote;
import io.caravan.queue.Queue;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.RequestGroup;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The queues that the route files declare. */
@Component
public class Queues {
  /** The queue for requests that no other queue takes. */
  public static final String DEFAULT = "default";

  /** What the bean of a queue is called, after the queue's name. */
  private static final String SUFFIX = "-queue";

  /** Each request asks for them, and looking them up takes long. */
  private static final Duration FRESH = Duration.ofMillis(500);

  private static final int SECONDS = 5;

  private final CamelContext camel;
  private final Pipelines pipelines;
  private volatile @Nullable Known known;

  private record Known(Map<String, Queue> queues, long nanos) {}

  Queues(CamelContext camel, Pipelines pipelines) {
    this.camel = camel;
    this.pipelines = pipelines;
  }

  /** All queues by name, as they were within the last half second. */
  public Map<String, Queue> all() {
    Known before = known;
    long now = System.nanoTime();
    if (before != null && now - before.nanos() < FRESH.toNanos()) {
      return before.queues();
    }
    Map<String, Queue> queues = lookUp();
    known = queues.isEmpty() ? null : new Known(queues, now); // at a start, routes are still loaded
    return queues;
  }

  private Map<String, Queue> lookUp() {
    var queues = new TreeMap<String, Queue>();
    camel
        .getRegistry()
        .findByTypeWithName(Queue.class)
        .forEach((bean, queue) -> queues.put(name(bean), queue));
    return queues;
  }

  private static String name(String bean) {
    return bean.endsWith(SUFFIX) ? bean.substring(0, bean.length() - SUFFIX.length()) : bean;
  }

  /** The queue of that name, if it is still declared. */
  public Optional<Queue> get(String name) {
    return Optional.ofNullable(all().get(name));
  }

  /** The queue of a group; requests of one that is gone are the default queue's. */
  public Queue of(RequestGroup group) {
    return get(group.queue()).orElseGet(() -> choose(group.provider()).queue());
  }

  /**
   * A queue for a request.
   *
   * @param provider of the request
   */
  public record Choice(String name, Queue queue, String provider) {}

  /**
   * The queue that takes a request: one for its job type, or else for its provider, or else the
   * default one.
   *
   * @param provider null for the provider of the queue's pipeline
   */
  public Choice choose(@Nullable String provider, String jobType) {
    for (var each : all().entrySet()) {
      Queue queue = each.getValue();
      if (queue.jobTypes().contains(jobType)
          && (provider == null
              || queue.getProvider().isEmpty()
              || queue.getProvider().equals(provider))) {
        return choice(each.getKey(), queue, provider);
      }
    }
    return choose(provider);
  }

  /**
   * The queue that takes requests for a provider: its own, or else the default one.
   *
   * @param provider null for the provider of the default queue's pipeline
   */
  public Choice choose(@Nullable String provider) {
    Map<String, Queue> queues = all();
    if (provider != null) {
      for (var each : queues.entrySet()) {
        if (each.getValue().getProvider().equals(provider)
            && each.getValue().jobTypes().isEmpty()) {
          return new Choice(each.getKey(), each.getValue(), provider);
        }
      }
    }
    Queue queue = queues.get(DEFAULT);
    if (queue == null) {
      throw QueueProblem.later(
          503,
          "no_queue",
          "There is no queue \"default\": routes/pipelines/queue.camel.yaml is missing or was changed.",
          SECONDS);
    }
    return choice(DEFAULT, queue, provider);
  }

  /**
   * The queue of that name.
   *
   * @param provider of the request; null for that of the queue, or else of its pipeline
   */
  public Choice named(String name, @Nullable String provider) {
    Queue queue =
        get(name)
            .orElseThrow(() ->
                QueueProblem.later(
                    503, // at a start, and while a route file is edited, the queue may follow
                    "unknown_queue",
                    "There is no queue %s, only %s. Declare the bean %s in a file in routes/pipelines/, or correct the header CaravanQueue."
                        .formatted(Quote.of(name), all().keySet(), name + SUFFIX),
                    SECONDS));
    return choice(name, queue, provider);
  }

  private Choice choice(String name, Queue queue, @Nullable String provider) {
    Pipeline pipeline = pipelines.get(queue.getPipeline());
    String usual = queue.getProvider().isEmpty() ? pipeline.getProvider() : queue.getProvider();
    if (provider == null || provider.equals(usual)) {
      return new Choice(name, queue, usual);
    }
    if (queue.getProvider().isEmpty() && pipeline.isAnyProvider()) {
      return new Choice(name, queue, provider);
    }
    throw QueueProblem.invalid(
        "unknown_provider",
        name.equals(DEFAULT)
            ? "No queue takes requests for provider \"%s\". Declare one with this provider, or set anyProvider in the pipeline \"%s\"."
                .formatted(provider, queue.getPipeline())
            : "The queue \"%s\" takes requests for provider %s only, not for \"%s\"."
                .formatted(name, usual, provider),
        "provider");
  }
}
