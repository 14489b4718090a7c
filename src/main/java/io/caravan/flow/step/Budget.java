package io.caravan.flow.step;

import io.caravan.cost.Price;
import io.caravan.cost.PriceFile;
import io.caravan.flow.FlowProperties;
import io.caravan.job.JobOverview;
import io.caravan.job.Part;
import io.caravan.job.send.TokenRates;
import io.caravan.jsonl.split.PartFile;
import io.caravan.provider.Provider;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** The cost limits of caravan.max-cost. Amounts are in millionths of a USD. */
@Component
class Budget {
  private static final double MILLION = 1e6;

  private final FlowProperties.MaxCost limits;
  private final PriceFile prices;
  private final ToDoubleFunction<String> rates;
  private final LongSupplier costOfToday;

  @Autowired
  Budget(
      JobOverview overview,
      TokenRates rates,
      Clock clock,
      FlowProperties.MaxCost limits,
      PriceFile prices) {
    this(
        limits,
        prices,
        rates::of,
        () -> overview.estimatedCostSince(clock.instant().truncatedTo(ChronoUnit.DAYS)));
  }

  private Budget(
      FlowProperties.MaxCost limits,
      PriceFile prices,
      ToDoubleFunction<String> rates,
      LongSupplier costOfToday) {
    this.limits = limits;
    this.prices = prices;
    this.rates = rates;
    this.costOfToday = costOfToday;
  }

  /** The limits without a store: no rates have been learned and no other file counts. */
  static Budget withoutStore(FlowProperties.MaxCost limits, FlowProperties.Requests requests)
      throws IOException {
    return new Budget(limits, new PriceFile(requests.prices()), queue -> 1, () -> 0);
  }

  /**
   * The estimated batch price of requests.
   *
   * @param amount the sum for models with a known price
   * @param unknown the models without a price
   */
  record Estimate(long amount, Set<String> unknown) {}

  /**
   * Estimates the cost of the parts; 0 for a provider without a key.
   *
   * @param name of the provider
   */
  Estimate estimate(List<PartFile> parts, String name, Provider provider) {
    if (provider.isFree()) {
      return new Estimate(0, Set.of());
    }
    double sum = 0;
    Map<String, Double> byModel = new HashMap<>(); // a file has many parts and few models
    Set<String> unknown = new TreeSet<>();
    for (PartFile part : parts) {
      Optional<Price> price = prices.prices().of(part.model());
      if (price.isPresent()) {
        long answers = (long) part.requests() * limits.outputTokens();
        double rate =
            byModel.computeIfAbsent(
                part.model(), model -> rates.applyAsDouble(Part.queue(name, model)));
        sum += price.get().batch(part.tokens().at(rate), answers);
      } else {
        unknown.add(part.model());
      }
    }
    return new Estimate(Math.round(sum * MILLION), unknown);
  }

  /** Why the job must be held for release; empty if it is within the limits. */
  Optional<String> excess(Estimate cost) {
    if (limits.file() <= 0 && limits.day() <= 0) {
      return Optional.empty();
    }
    if (!cost.unknown().isEmpty()) {
      return Optional.of(
          "there is a limit (caravan.max-cost), and no price of %s in caravan.prices"
              .formatted(String.join(", ", cost.unknown())));
    }
    if (limits.file() > 0 && cost.amount() > limits.file() * MILLION) {
      return Optional.of(
          "it costs about %s, more than caravan.max-cost.file (%s)"
              .formatted(usd(cost.amount() / MILLION), usd(limits.file())));
    }
    if (limits.day() > 0 && costOfToday.getAsLong() + cost.amount() > limits.day() * MILLION) {
      return Optional.of(
          "it costs about %s, which with today's other jobs exceeds caravan.max-cost.day (%s)"
              .formatted(usd(cost.amount() / MILLION), usd(limits.day())));
    }
    return Optional.empty();
  }

  private static String usd(double cost) {
    return String.format(Locale.ROOT, "$%.4f", cost);
  }
}
