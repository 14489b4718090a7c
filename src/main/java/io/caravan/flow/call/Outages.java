package io.caravan.flow.call;

import io.caravan.job.BatchStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Logs that a provider is down: one line at first, one a minute while it lasts, and one when it is
 * over, however many jobs wait for it.
 */
@Component
public class Outages {
  private static final Logger LOG = LoggerFactory.getLogger(Outages.class);
  private static final Duration EVERY = Duration.ofMinutes(1);

  /** How a provider is down. */
  public enum State {
    /** Out of reach or overloaded; calls that come through now and then cause no further lines. */
    UNAVAILABLE("is unavailable"),
    /** The key or the credit is no good: one call tries now and then, so that each end is one. */
    REFUSES("refuses us");

    private final String words;

    State(String words) {
      this.words = words;
    }
  }

  private final Map<String, Outage> outages = new ConcurrentHashMap<>();
  private final Clock clock;
  private final ToLongFunction<String> waiting;

  @Autowired
  public Outages(Clock clock, BatchStore store) {
    this(clock, store::jobsWaitingFor);
  }

  public Outages(Clock clock, ToLongFunction<String> waiting) {
    this.clock = clock;
    this.waiting = waiting;
  }

  /**
   * A call has failed, as others to that provider will.
   *
   * @param problem what it said, and what to do
   */
  public void note(String provider, State state, String problem) {
    outages
        .computeIfAbsent(provider, name -> new Outage())
        .toTell(state, clock.instant())
        .ifPresent(lasted ->
            LOG.warn(
                "provider={} {}{}, so {}: {}",
                provider,
                state.words,
                lasted.toMinutes() == 0 ? "" : " for %d min".formatted(lasted.toMinutes()),
                jobs(provider),
                problem));
  }

  /** A call came through. */
  void end(String provider) {
    Outage outage = outages.get(provider);
    if (outage != null) {
      outage
          .end(clock.instant())
          .ifPresent(lasted ->
              LOG.info(
                  "provider={} takes us again after {} s; its jobs go on",
                  provider,
                  lasted.toSeconds()));
    }
  }

  private String jobs(String provider) {
    try {
      long jobs = waiting.applyAsLong(provider);
      return jobs == 1 ? "1 job waits" : jobs + " jobs wait";
    } catch (DataAccessException e) {
      return "its jobs wait";
    }
  }

  /** Of one provider, the last one. */
  private static final class Outage {
    private final Map<State, Instant> since = new EnumMap<>(State.class);
    private final Map<State, Instant> toldAt = new EnumMap<>(State.class);
    private boolean told;

    /** How long it has been in that state, when it is time for a line. */
    synchronized Optional<Duration> toTell(State state, Instant now) {
      Instant began = since.computeIfAbsent(state, added -> now);
      if (now.isBefore(toldAt.getOrDefault(state, Instant.MIN).plus(EVERY))) {
        return Optional.empty();
      }
      told = true;
      toldAt.put(state, now);
      return Optional.of(Duration.between(began, now));
    }

    /** How long it lasted, when there was a line about it. */
    synchronized Optional<Duration> end(Instant now) {
      Optional<Duration> lasted =
          since.values().stream()
              .min(Instant::compareTo)
              .filter(began -> told)
              .map(began -> Duration.between(began, now));
      since.clear();
      told = false;
      toldAt.remove(State.REFUSES);
      return lasted;
    }
  }
}
