package io.caravan.flow.live;

import static java.util.stream.Collectors.joining;

import io.caravan.route.yaml.Problem;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** The health component {@code routes}: down while a file is not used or a route does not run. */
@Component("routesHealthIndicator")
class RoutesHealth extends AbstractHealthIndicator {
  private final RouteFiles files;
  private final RunningRoutes running;

  RoutesHealth(RouteFiles files, RunningRoutes running) {
    super("the routes cannot be checked");
    this.files = files;
    this.running = running;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    Map<String, String> details = new TreeMap<>(running.problems());
    files
        .rejected()
        .forEach((file, problems) ->
            details.put(file, problems.stream().map(Problem::toString).collect(joining("; "))));
    health.status(details.isEmpty() ? "UP" : "DOWN").withDetails(details);
  }
}
