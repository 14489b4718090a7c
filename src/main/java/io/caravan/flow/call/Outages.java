package io.caravan.flow.call;

import io.caravan.job.JobOverview;
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
 * Logs provider outages: one line at the start, one per minute while it lasts, and one at the end,
 * however many jobs wait for it.
 */
@Component
public class Outages {
  private static final Logger LOG = LoggerFactory.getLogger(Outages.class);
  private static final Duration EVERY = Duration.ofMinutes(1);

  /** The kind of outage. */
  public enum State {
    /** Unreachable or overloaded; occasional successful calls do not log again. */
    UNAVAILABLE("is unavailable"),
    /** Key or credit rejected; calls are rare trials, so each success ends the outage. */
    REFUSES("refuses access");

    private final String words;

    State(String words) {
      this.words = words;
    }
  }

  private final Map<String, Outage> outages = new ConcurrentHashMap<>();
  private final Clock clock;
  private final ToLongFunction<String> waiting;

  @Autowired
  public Outages(Clock clock, JobOverview overview) {
    this(clock, overview::jobsWaitingFor);
  }

  public Outages(Clock clock, ToLongFunction<String> waiting) {
    this.clock = clock;
    this.waiting = waiting;
  }

  /**
   * Notes a failed call; other calls to that provider will fail too.
   *
   * @param problem the response or error, and what to do
   */
  public void note(String provider, State state, String problem) {
    outages
        .computeIfAbsent(provider, name -> new Outage())
        .toTell(state, clock.instant())
        .ifPresent(lasted ->
            LOG.warn(
                "provider={} {}{}, {}: {}",
                provider,
                state.words,
                lasted.toMinutes() == 0 ? "" : " for %d min".formatted(lasted.toMinutes()),
                jobs(provider),
                problem));
  }

  /** Notes a successful call. */
  void end(String provider) {
    Outage outage = outages.get(provider);
    if (outage != null) {
      outage
          .end(clock.instant())
          .ifPresent(lasted ->
              LOG.info(
                  "provider={} is available again after {} s, resuming its jobs",
                  provider,
                  lasted.toSeconds()));
    }
  }

  private String jobs(String provider) {
    try {
      long jobs = waiting.applyAsLong(provider);
      return jobs == 1 ? "1 job waiting" : jobs + " jobs waiting";
    } catch (DataAccessException e) {
      return "its jobs waiting";
    }
  }

  /** The last outage of one provider. */
  private static final class Outage {
    private final Map<State, Instant> since = new EnumMap<>(State.class);
    private final Map<State, Instant> toldAt = new EnumMap<>(State.class);
    private boolean told;

    /** How long the state has lasted, if it is time to log it. */
    synchronized Optional<Duration> toTell(State state, Instant now) {
      Instant began = since.computeIfAbsent(state, added -> now);
      if (now.isBefore(toldAt.getOrDefault(state, Instant.MIN).plus(EVERY))) {
        return Optional.empty();
      }
      told = true;
      toldAt.put(state, now);
      return Optional.of(Duration.between(began, now));
    }

    /** How long the outage lasted, if it was logged. */
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
