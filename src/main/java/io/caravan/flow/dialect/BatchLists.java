package io.caravan.flow.dialect;

import static java.util.stream.Collectors.groupingBy;

import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.call.Pauses;
import io.caravan.flow.step.PollPace;
import io.caravan.job.Batch;
import io.caravan.job.WaitingBatch;
import io.caravan.job.WaitingBatches;
import io.caravan.job.WaitingBatches.Asked;
import io.caravan.provider.Providers;
import io.caravan.provider.RejectedByProviderException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Reads the statuses of many waiting batches from the provider's batch list, 100 per call. Batches
 * with an unchanged status are postponed. Changed ones are due at once and polled one by one, like
 * those that are not on the list.
 */
@Component("batchLists")
public class BatchLists {
  private static final Logger LOG = LoggerFactory.getLogger(BatchLists.class);
  private static final int MANY = 50;

  /** The poll interval of batch-list in routes/batch-watch.camel.yaml. */
  private static final Duration TURN = Duration.ofSeconds(5);

  private static final Duration REST = Duration.ofMinutes(10);
  private static final Duration SHORT_REST = Duration.ofMinutes(1);

  private final WaitingBatches waiting;
  private final Providers providers;
  private final Pauses pauses;
  private final Clock clock;
  private final PollPace pace;
  private final Duration maxWait;

  /** Providers whose list is unavailable or too long, with the time of the next attempt. */
  private final Map<String, Instant> resting = new ConcurrentHashMap<>();

  BatchLists(
      WaitingBatches waiting,
      Providers providers,
      Pauses pauses,
      Clock clock,
      PollPace pace,
      FlowProperties.General settings) {
    this.waiting = waiting;
    this.providers = providers;
    this.pauses = pauses;
    this.clock = clock;
    this.pace = pace;
    this.maxWait = settings.maxWait();
  }

  /**
   * The lists worth reading now: shortly before the first batch would be polled alone, together
   * with all others that are due soon.
   */
  public List<BatchList> worthwhile() {
    Instant now = clock.instant();
    resting.values().removeIf(until -> !now.isBefore(until));
    List<WaitingBatch> soon =
        waiting.until(
            now.plus(pace.slowest().halfAfter(Integer.MAX_VALUE)), now.minus(maxWait), without());
    if (soon.size() < MANY || soon.getFirst().dueAt().isAfter(now.plus(TURN))) {
      return List.of();
    }
    Map<String, Integer> counts = waiting.count();
    return soon.stream()
        .filter(batch ->
            !batch.dueAt().isAfter(now.plus(pace.of(batch.provider()).halfAfter(batch.polls()))))
        .collect(groupingBy(WaitingBatch::provider))
        .entrySet()
        .stream()
        .filter(due -> due.getValue().size() >= MANY)
        .map(due -> new BatchList(due.getKey(), due.getValue()))
        .filter(list -> list.pays(counts.getOrDefault(list.provider(), 0)))
        .toList();
  }

  private Set<String> without() {
    var without = new HashSet<>(resting.keySet());
    providers.providers().keySet().stream()
        .filter(name -> pauses.reason(name).isPresent())
        .forEach(without::add);
    return without;
  }

  /** Stores the statuses of a page, and stops if no further page is needed. */
  public void record(
      @ExchangeProperty(ExchangeProperties.LIST) BatchList list,
      @ExchangeProperty(ExchangeProperties.LISTED) List<Batch> page,
      Exchange exchange) {
    Instant now = clock.instant();
    List<Asked> asked =
        list.see(page)
            .filter(seen -> seen.goesOn() || (seen.isNew() && seen.before().dueAt().isAfter(now)))
            .map(seen -> new Asked(seen.before(), seen.now().counts(), next(seen, now)))
            .toList();
    if (!asked.isEmpty()) {
      waiting.askAgain(asked, now);
    }
    if (list.isOver()) {
      exchange.setProperty(ExchangeProperties.AFTER, "");
    }
    if (!list.pays()) {
      rest(list, "too long");
    }
  }

  private Instant next(BatchList.Seen seen, Instant now) {
    return seen.goesOn()
        ? now.plus(pace.of(seen.before().provider()).after(seen.before().polls()))
        : now;
  }

  /** Stops using a list that cannot be read for a while; batches are polled one by one. */
  public void leave(
      @ExchangeProperty(ExchangeProperties.LIST) @Nullable BatchList list,
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception problem) {
    if (list == null) {
      return; // the store failed; logged elsewhere
    }
    if (problem instanceof RejectedByProviderException) {
      rest(list, problem.getMessage());
    } else {
      resting.put(list.provider(), clock.instant().plus(SHORT_REST));
    }
  }

  private void rest(BatchList list, @Nullable String why) {
    resting.put(list.provider(), clock.instant().plus(REST));
    LOG.info(
        "provider={} batch list not used ({}); polling batches one by one for {} min",
        list.provider(),
        why,
        REST.toMinutes());
  }
}
