package io.caravan.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what is taken over from replicas that are gone: one line for each of them. */
final class Takeovers {
  private static final Logger LOG = LoggerFactory.getLogger(Takeovers.class);

  /** Several turns take what one replica held. */
  private static final Duration TOGETHER = Duration.ofSeconds(2);

  private final Map<String, Taken> taken = new ConcurrentHashMap<>();
  private final UnaryOperator<String> host;

  private record Taken(int jobs, int parts, Instant last) {
    Taken plus(Taken more) {
      return new Taken(jobs + more.jobs, parts + more.parts, more.last);
    }
  }

  /**
   * Nothing is taken over so far.
   *
   * @param host where a replica of that id ran
   */
  Takeovers(UnaryOperator<String> host) {
    this.host = host;
  }

  /** A row was claimed, maybe one that another replica held. */
  void note(Claimed row, @Nullable String from, Instant now) {
    if (from != null) {
      Taken one =
          switch (row) {
            case Job job -> new Taken(1, 0, now);
            case Part part -> new Taken(0, 1, now);
          };
      taken.merge(from, one, Taken::plus);
    }
  }

  /** Logs what was taken, once nothing more comes. */
  void tell(Instant now) {
    taken.forEach((from, all) -> {
      if (all.last().plus(TOGETHER).isBefore(now) && taken.remove(from, all)) {
        LOG.info(
            "took over jobs={} parts={} of replica={}, which is gone",
            all.jobs(),
            all.parts(),
            host.apply(from));
      }
    });
  }
}
