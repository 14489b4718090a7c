package io.caravan.flow.synchronous;

import io.caravan.call.AdaptiveCalls;
import io.caravan.call.Call;
import io.caravan.call.CallTarget;
import io.caravan.call.EventLoops;
import io.caravan.cost.PriceFile;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Sends the requests of files one by one to the providers' synchronous endpoints. */
@Component
public class SynchronousCalls implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SynchronousCalls.class);

  /** The share of the heap that requests in flight to a provider and tier may take. */
  private static final int HEAP_SHARE = 16;

  private final Providers providers;
  private final SynchronousProperties settings;
  private final PriceFile prices;
  private final Clock clock;
  private final MeterRegistry meters;
  private final Lock lock = new ReentrantLock();
  private @Nullable EventLoopGroup loops;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(
          Thread.ofVirtual().name("caravan-synchronous-run-", 0).factory());
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
  private final Set<Run> runs = ConcurrentHashMap.newKeySet();

  /** Calls go out once an order is run. */
  public SynchronousCalls(
      Providers providers,
      SynchronousProperties settings,
      PriceFile prices,
      Clock clock,
      MeterRegistry meters) {
    this.providers = providers;
    this.settings = settings;
    this.prices = prices;
    this.clock = clock;
    this.meters = meters;
  }

  /**
   * Whether a provider answers requests one by one.
   *
   * @param model as in the requests
   * @param endpoint the {@code url} of the requests, such as {@code /v1/embeddings}
   */
  public boolean offers(String provider, Tier tier, String model, String endpoint) {
    Provider known = providers.providers().get(provider);
    return known != null
        && serviceTier(known, tier).isPresent()
        && known.synchronous().model(model).isPresent()
        && (tier == Tier.STANDARD || known.singleCalls().hasTiers(endpoint));
  }

  private static Optional<String> serviceTier(Provider provider, Tier tier) {
    return provider.synchronous().serviceTier(tier == Tier.FLEX);
  }

  /**
   * Sends an order's requests. The future fails if a file cannot be read or written, and with
   * {@link java.util.concurrent.CancellationException} if the run is stopped; run again, the order
   * is resumed.
   *
   * @param stop cancel it to stop the run; it belongs to this run alone
   * @throws IllegalArgumentException if the provider has no such tier
   */
  public CompletableFuture<SynchronousOutcome> run(SynchronousOrder order, Call stop) {
    Provider provider = providers.get(order.provider());
    String serviceTier =
        serviceTier(provider, order.tier())
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "%s has no %s tier".formatted(order.provider(), order.tier().word())));
    var run =
        new Run(
            order,
            provider,
            serviceTier,
            settings,
            lane(order.provider(), provider, order.tier()),
            new Charges(prices, provider, order.tier(), settings.outputTokens()),
            clock,
            threads);
    runs.add(run);
    stop.during(run::cancel);
    threads.execute(run::work);
    var result = new CompletableFuture<SynchronousOutcome>();
    var unused =
        run.outcome()
            .whenComplete((outcome, problem) -> {
              runs.remove(run);
              if (problem != null) {
                result.completeExceptionally(problem);
              } else {
                log(order, outcome);
                result.complete(outcome);
              }
            });
    return result;
  }

  private static void log(SynchronousOrder order, SynchronousOutcome outcome) {
    log.debug(
        "{} answered {} requests one by one in the {} tier, refused {} and left {}; cost ${}{}",
        order.provider(),
        outcome.answered(),
        order.tier().word(),
        outcome.refused(),
        outcome.unanswered(),
        outcome.cost().stripTrailingZeros().toPlainString(),
        outcome.lastProblem() == null ? "" : ". Last problem: " + outcome.lastProblem());
  }

  private Lane lane(String name, Provider provider, Tier tier) {
    return lanes.computeIfAbsent(
        name + "-" + tier.word(),
        lane -> {
          URI base = URI.create(provider.base());
          var target =
              new CallTarget(
                  lane,
                  base,
                  base.getPort() < 0 ? base.getHost() : base.getHost() + ":" + base.getPort(),
                  provider.headers(),
                  settings.minConcurrency(),
                  settings.maxConcurrency());
          var calls =
              new AdaptiveCalls<Heard>(
                  target, settings.calls(tier), new Heard.Reader(), loops(), clock, meters);
          String path = base.getRawPath() == null ? "" : base.getRawPath();
          return new Lane(calls, path, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
        });
  }

  /** Started by the first call: most pipelines make none. */
  private EventLoopGroup loops() {
    lock.lock();
    try {
      if (loops == null) {
        loops = EventLoops.start("caravan-synchronous");
      }
      return loops;
    } finally {
      lock.unlock();
    }
  }

  /** Stops all runs; each can be resumed. */
  @Override
  public void close() {
    runs.forEach(Run::cancel);
    runs.forEach(run -> {
      var unused =
          run.outcome()
              .handle((outcome, problem) -> true)
              .completeOnTimeout(false, 3, TimeUnit.SECONDS)
              .join();
    });
    lanes.values().forEach(Lane::close);
    threads.shutdown();
    if (!lanes.isEmpty()) {
      var unused = loops().shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
