package io.caravan.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs jobs and parts taken over from replicas whose lease has ended, one line per replica. */
final class Takeovers {
  private static final Logger LOG = LoggerFactory.getLogger(Takeovers.class);

  /** The rows of one replica may be claimed over several polls. */
  private static final Duration TOGETHER = Duration.ofSeconds(2);

  private final Map<String, Taken> taken = new ConcurrentHashMap<>();
  private final UnaryOperator<String> host;

  private record Taken(int jobs, int parts, Instant last) {
    Taken plus(Taken more) {
      return new Taken(jobs + more.jobs, parts + more.parts, more.last);
    }
  }

  /**
   * Creates an empty log of takeovers.
   *
   * @param host returns the host of a replica id
   */
  Takeovers(UnaryOperator<String> host) {
    this.host = host;
  }

  /** Records a claimed row, if it was taken from another replica. */
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

  /** Logs the takeovers of each replica from which no rows were claimed recently. */
  void tell(Instant now) {
    taken.forEach((from, all) -> {
      if (all.last().plus(TOGETHER).isBefore(now) && taken.remove(from, all)) {
        LOG.info(
            "took over jobs={} parts={} of replica={}, whose lease has ended",
            all.jobs(),
            all.parts(),
            host.apply(from));
      }
    });
  }
}
