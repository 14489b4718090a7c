package io.caravan.flow;

import io.caravan.job.CutShort;
import io.caravan.job.Way;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * When the requests of a batch are sent one by one instead, and how: the properties {@code
 * fallback.*} of a pipeline.
 */
public final class Fallback {
  private static final Set<CutShort> REASONS =
      Set.of(CutShort.DEADLINE, CutShort.STUCK, CutShort.REFUSED, CutShort.FAILED);

  private Set<CutShort> when = Set.of();
  private List<Way> ladder = List.of();
  private Duration riskBuffer = Duration.ofMinutes(30);
  private BigDecimal maxCost = BigDecimal.ZERO;
  private int maxAttempts = 3;
  private final Supplier<Pipeline.Mode> mode;

  /**
   * @param mode of the pipeline, which decides what is not set
   */
  Fallback(Supplier<Pipeline.Mode> mode) {
    this.mode = mode;
  }

  /** Sets the reasons: {@code deadline}, {@code stuck}, {@code refused}, {@code failed}. */
  public void setWhen(String when) {
    this.when = words(when).stream().map(Fallback::reason).collect(Collectors.toUnmodifiableSet());
  }

  private static CutShort reason(String word) {
    return REASONS.stream()
        .filter(it -> it.word().equals(word))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "fallback.when names \"%s\"; use deadline, stuck, refused and failed."
                    .formatted(word)));
  }

  /** Sets the tiers, in the order in which they are tried: {@code flex}, {@code standard}. */
  public void setLadder(String ladder) {
    this.ladder =
        words(ladder).stream()
            .map(word ->
                Arrays.stream(Way.values())
                    .filter(it -> it != Way.BATCH && it.word().equals(word))
                    .findFirst()
                    .orElseThrow(() ->
                        new IllegalArgumentException(
                            "fallback.ladder names \"%s\"; use flex and standard."
                                .formatted(word))))
            .toList();
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[,\\s]+"))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** Sets how long before the deadline a batch is given up. */
  public void setRiskBuffer(Duration riskBuffer) {
    this.riskBuffer = riskBuffer;
  }

  /** Sets the most that the calls of a job may cost, in USD; 0 allows no calls at full price. */
  public void setMaxCost(BigDecimal maxCost) {
    if (maxCost.signum() < 0) {
      throw new IllegalArgumentException("fallback.maxCost must not be negative.");
    }
    this.maxCost = maxCost;
  }

  /** Sets how often a request is sent in each tier. */
  public void setMaxAttempts(int maxAttempts) {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("fallback.maxAttempts must be at least 1.");
    }
    this.maxAttempts = maxAttempts;
  }

  /** Whether a batch that ends for that reason is followed by calls. */
  public boolean happensFor(CutShort reason) {
    return (mode.get() == Pipeline.Mode.HYBRID && when.isEmpty())
        ? REASONS.contains(reason)
        : when.contains(reason);
  }

  /** The tiers, in the order in which they are tried. */
  public List<Way> ladder() {
    if (!ladder.isEmpty()) {
      return ladder;
    }
    return mode.get() == Pipeline.Mode.SYNCHRONOUS
        ? List.of(Way.STANDARD)
        : List.of(Way.FLEX, Way.STANDARD);
  }

  /** How long before the deadline a batch is given up. */
  public Duration riskBuffer() {
    return riskBuffer;
  }

  /** The most that the calls of a job may cost, in USD; 0 for no calls at full price. */
  public BigDecimal maxCost() {
    return maxCost;
  }

  /** How often a request is sent in each tier. */
  public int maxAttempts() {
    return maxAttempts;
  }
}
