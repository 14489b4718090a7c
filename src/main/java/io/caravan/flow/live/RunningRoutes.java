package io.caravan.flow.live;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
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
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private record Failure(String reason, Duration pause, Instant next) {}

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
      Duration pause = before == null ? FIRST_PAUSE : before.pause().multipliedBy(2);
      if (pause.compareTo(LONGEST_PAUSE) > 0) {
        pause = LONGEST_PAUSE;
      }
      String reason = Reasons.of(e);
      failed.put(route, new Failure(reason, pause, clock.instant().plus(pause)));
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
        problems.put(route.getRouteId(), status.name().toLowerCase(java.util.Locale.ROOT));
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
