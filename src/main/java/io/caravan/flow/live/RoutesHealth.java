package io.caravan.flow.live;

import static java.util.stream.Collectors.joining;

import io.caravan.route.yaml.Problem;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/**
 * The health component {@code routes}: down while a route file, template or price file is not used,
 * or a route does not run.
 */
@Component("routesHealthIndicator")
class RoutesHealth extends AbstractHealthIndicator implements MeterBinder {
  private final RouteFiles files;
  private final RunningRoutes running;
  private final SettingsFiles settings;

  RoutesHealth(RouteFiles files, RunningRoutes running, SettingsFiles settings) {
    super("the routes cannot be checked");
    this.files = files;
    this.running = running;
    this.settings = settings;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    Map<String, String> problems = problems();
    health.status(problems.isEmpty() ? "UP" : "DOWN").withDetails(problems);
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    Gauge.builder("caravan.routes.problems", () -> problems().size())
        .description("Route files, templates and price files not used, and routes not running")
        .register(meters);
  }

  private Map<String, String> problems() {
    Map<String, String> problems = new TreeMap<>(running.problems());
    problems.putAll(settings.problems());
    files
        .rejected()
        .forEach((file, found) ->
            problems.put(file, found.stream().map(Problem::toString).collect(joining("; "))));
    return problems;
  }
}
