package io.caravan.flow.live;

import io.caravan.flow.Backoff;
import io.caravan.flow.Reasons;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Starts routes, retries those that do not start, and says which do not run. */
@Component
class RunningRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(RunningRoutes.class);
  private static final Backoff PAUSES =
      new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), 2);

  private record Failure(String reason, int earlier, Instant next) {}

  private final CamelContext camel;
  private final Clock clock;
  private final Map<String, Failure> failed = new ConcurrentSkipListMap<>();

  RunningRoutes(CamelContext camel, Clock clock) {
    this.camel = camel;
    this.clock = clock;
  }

  void start(String route) {
    try {
      camel.getRouteController().startRoute(route);
      if (failed.remove(route) != null) {
        LOG.info("route={} runs now", route);
      }
    } catch (Exception e) { // Camel declares nothing narrower
      Failure before = failed.get(route);
      int earlier = before == null ? 0 : before.earlier() + 1;
      String reason = Reasons.of(e);
      failed.put(route, new Failure(reason, earlier, clock.instant().plus(PAUSES.after(earlier))));
      if (before == null || !before.reason().equals(reason)) {
        LOG.warn("route={} does not start, retrying: {}", route, reason);
      }
    }
  }

  /** Starts the routes again whose pause is over. */
  void retry() {
    Instant now = clock.instant();
    failed.forEach((route, failure) -> {
      if (!failure.next().isAfter(now)) {
        start(route);
      }
    });
  }

  /** Forgets a route that is to be removed. */
  void forget(String route) {
    failed.remove(route);
  }

  /** The routes that should run and do not, with the reason. */
  Map<String, String> problems() {
    var problems = new TreeMap<String, String>();
    for (Route route : camel.getRoutes()) {
      ServiceStatus status = camel.getRouteController().getRouteStatus(route.getRouteId());
      if (status != null && !status.isStarted() && !status.isStarting() && !isLeftOut(route)) {
        problems.put(route.getRouteId(), status.name().toLowerCase(Locale.ROOT));
      }
    }
    failed.forEach((route, failure) -> problems.put(route, failure.reason()));
    return problems;
  }

  /** Whether its author keeps the route from starting. */
  private static boolean isLeftOut(Route route) {
    return !route.isAutoStartup() && !CamelRoutes.isStartedHere(route);
  }
}
